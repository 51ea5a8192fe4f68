import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { tools } from "../../../shared/agents/tools.ts";
import { commandLine } from "../../support/cli.ts";
import { createHome } from "../../support/home.ts";
import { repository } from "../../support/paths.ts";

/** What an agent's configuration has it start. */
interface Entry {
  readonly command: string;
  readonly args: string[];
}

const page = readFileSync(join(repository, "docs/agents.md"), "utf8");
const examples = [...page.matchAll(/^## (.+)\n[\s\S]*?```(json|toml)\n([\s\S]*?)```/gm)].map(
  ([, agent = "", language = "", text = ""]) => ({
    agent,
    entry: language === "json" ? ofJson(text) : ofToml(text),
  }),
);

function ofJson(text: string): Entry {
  const { mcpServers, servers } = JSON.parse(text) as Record<"mcpServers" | "servers", { devlatch: Entry }>;
  return (mcpServers ?? servers).devlatch;
}

/** One table with text and lists of text, which are written as in JSON. */
function ofToml(text: string): Entry {
  assert.match(text, /^\[mcp_servers\.devlatch\]\n/);
  const entries = [...text.matchAll(/^(\w+) = (.+)$/gm)].map(([, key, value = ""]) => [
    key,
    JSON.parse(value),
  ]);
  return Object.fromEntries(entries);
}

test("the page for users has an example for each agent", () => {
  const agents = examples.map(({ agent }) => agent);
  assert.deepEqual(agents, ["Claude Code", "Cursor", "VS Code", "Codex", "Gemini CLI"]);
});

test("what each example starts is an agent's server, also with the few variables that agents give", async (context) => {
  const home = createHome(context);
  const bin = mkdtempSync(join(realpathSync(tmpdir()), "dl-bin-"));
  context.after(() => rmSync(bin, { recursive: true }));
  symlinkSync(commandLine, join(bin, "devlatch"));
  const env = {
    DEVLATCH_HOME: home.directory,
    PATH: [bin, dirname(process.execPath), "/usr/bin"].join(delimiter),
  };
  const several = new Set(examples.map(({ entry: { command, args } }) => JSON.stringify({ command, args })));
  for (const one of several) {
    const transport = new StdioClientTransport({ ...(JSON.parse(one) as Entry), env, cwd: bin });
    const client = new Client({ name: "reader", version: "1" });
    await client.connect(transport);
    const { tools: listed } = await client.listTools();
    assert.deepEqual(
      listed.map(({ name }) => name),
      tools.map(({ name }) => name),
    );
    assert.match(client.getInstructions() ?? "", /shared by all windows/);
    await client.close();
  }
  assert.equal(home.daemonPid(), undefined, "listing tools starts no daemon");
});

test("the page names each tool", () => {
  for (const { name } of tools) assert.ok(page.includes(`\`${name}\``), name);
});
