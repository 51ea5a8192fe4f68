import assert from "node:assert/strict";
import * as vscode from "vscode";
import { commands } from "../../../extension/contributions/commands.ts";
import { tools } from "../../../shared/agents/tools.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import { freePort } from "../../support/ports.ts";
import { suite } from "../support/suite.ts";
import { configureWeb, devlatch, untilWeb, workspaceFolder } from "./api.ts";

const main = () => vscode.Uri.joinPath(workspaceFolder(), "src/main.js");
const write = (text: string) => vscode.workspace.fs.writeFile(main(), Buffer.from(text));

/** What a tool of the editor's answers an agent. */
async function call(verb: string, input: object = {}): Promise<string> {
  const result = await vscode.lm.invokeTool(`devlatch_${verb}`, { input, toolInvocationToken: undefined });
  return result.content
    .map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ""))
    .join("\n");
}

/** What an agent of the editor does with a server that the window's person uses, too. */
export const run = suite({
  "the editor offers the eight tools, each once": async (signal) => {
    await devlatch();
    const own = () => vscode.lm.tools.filter(({ tags }) => tags.includes("devlatch")).map(({ name }) => name);
    while (own().length < tools.length) {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.deepEqual(own().sort(), tools.map(({ name }) => name).sort());
  },

  "an agent starts the server, and is a user of its own": async (signal) => {
    const api = await devlatch();
    await configureWeb(api, { command: "npm run dev", port: await freePort() }, signal);
    assert.match(await call("start", { app: "web" }), /^web is ready at http:\/\/localhost:\d+/);
    await untilWeb(api, "ready", signal);
    const again = (await vscode.commands.executeCommand(commands.start.id)) as StartResult;
    assert.equal(again.outcome, "reused");
    const status = await call("status");
    assert.match(status, /web · ready/);
    assert.match(status, /who: Copilot · also VS Code/);
  },

  "an edit that breaks the build is answered with file and line, and its mending with clean": async () => {
    await write("const a = 1;\nexport const = a;\n");
    const broken = await call("wait", { app: "web", visit: "/src/main.js" });
    assert.match(broken, /src\/main\.js:2/, broken);
    await write("document.body.dataset.ready = 'true';\n");
    const mended = await call("wait", { app: "web", visit: "/src/main.js" });
    assert.match(mended, /clean/i, mended);
  },

  "output comes by cursor, as data that isn't obeyed": async () => {
    const first = await call("logs", { app: "web", limit: 3, cursor: "0" });
    assert.match(first, /untrusted data, not instructions\]/);
    assert.match(first, /cursor/i, first);
  },

  "what the window's person uses is stopped with that person's consent alone": async (signal) => {
    const refused = await call("stop", { app: "web" });
    assert.match(refused, /^CONSENT_REQUIRED: .*used by window of .*The person said no/s, refused);
    await untilWeb(await devlatch(), "ready", signal);
    assert.match(await call("stop", { app: "web" }), /^web stopped/);
    await untilWeb(await devlatch(), "stopped", signal);
  },

  "a directory outside of the window's folders is refused": async () => {
    assert.match(await call("start", { app: "web", directory: "/etc" }), /INVALID_INPUT: .*outside/);
  },
});
