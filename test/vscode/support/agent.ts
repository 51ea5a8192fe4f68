import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Owner } from "../../support/owner.ts";
import { waitFor } from "../../support/wait.ts";

/** An agent within a window: an extension of its own, which calls the editor's tools when it is told to. */
export interface WindowAgent {
  /** The extension, by the name it is installed under. */
  readonly extensions: Readonly<Record<string, string>>;
  /** What the editor's environment has to say for it. */
  readonly env: NodeJS.ProcessEnv;
  /** Names of the tools that the editor has of Devlatch. */
  tools(): Promise<readonly string[]>;
  /** Calls a tool. @returns what the agent reads */
  call(verb: string, input?: object): Promise<string>;
}

// Requests and answers are files: an agent's own way into a window needs a model and an account.
const program = `
const vscode = require("vscode");
const { existsSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const at = process.env.DEVLATCH_TEST_AGENT;
exports.activate = () => {
  let next = 1;
  const timer = setInterval(async () => {
    const file = join(at, next + ".request");
    if (!existsSync(file)) return;
    const answer = join(at, next++ + ".answer");
    const { tool, input } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(answer + ".part", JSON.stringify(await answered(tool, input)));
    renameSync(answer + ".part", answer);
  }, 20);
  return { dispose: () => clearInterval(timer) };
};
async function answered(tool, input) {
  if (!tool) return vscode.lm.tools.filter(({ tags }) => tags.includes("devlatch")).map(({ name }) => name);
  const result = await vscode.lm.invokeTool(tool, { input, toolInvocationToken: undefined });
  return result.content.map(({ value }) => value).join("\\n");
}
`;

/** Makes the extension; it is gone with its owner. */
export function createWindowAgent(owner: Owner): WindowAgent {
  const extension = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-agent-"));
  owner.after(() => rmSync(extension, { recursive: true, force: true }));
  mkdirSync(extension, { recursive: true });
  const manifest = {
    ...{ name: "agent", publisher: "test", version: "0.0.1", engines: { vscode: "^1.101.0" } },
    ...{ activationEvents: ["onStartupFinished"], main: "./agent.cjs", extensionKind: ["workspace"] },
    capabilities: { untrustedWorkspaces: { supported: true } },
  };
  writeFileSync(join(extension, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(extension, "agent.cjs"), program);
  let asked = 0;
  const ask = async (request: object): Promise<unknown> => {
    const at = join(extension, String(++asked));
    // In one step: the agent reads it as soon as it is there.
    writeFileSync(`${at}.draft`, JSON.stringify(request));
    renameSync(`${at}.draft`, `${at}.request`);
    return waitFor("the agent's answer", () => read(`${at}.answer`));
  };
  return {
    extensions: { "test.agent-0.0.1": extension },
    env: { DEVLATCH_TEST_AGENT: extension },
    tools: async () => (await ask({})) as readonly string[],
    call: async (verb, input = {}) => String(await ask({ tool: `devlatch_${verb}`, input })),
  };
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // Not there yet.
  }
}
