import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { parse as parseToml } from "smol-toml";
import { runProgram } from "../support/child.ts";
import { commandLine, runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { openTerminal } from "../support/terminal.ts";
import { repositories, type Snapshot, snapshotOf } from "./init-repositories.ts";

interface InitResult {
  readonly outcome: string;
  readonly directory: string;
  readonly files: readonly { readonly path: string; readonly action: string; readonly diff: string }[];
  readonly left: readonly { readonly path: string; readonly why: string }[];
}

/** One daemon for the whole file: what can be started is asked of it. */
const home = createHome({ after });
const parent = mkdtempSync(join(realpathSync(tmpdir()), "dl-init-"));
after(() => rmSync(parent, { recursive: true, force: true }));
mkdirSync(join(parent, "bin"));
symlinkSync(commandLine, join(parent, "bin", "devlatch"));
mkdirSync(join(parent, "nobody"));

/** `PATH` of a person who has installed Devlatch. */
const searched = [join(parent, "bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter);

/** A directory of its own, as a repository or as a person's home. */
function directory(): string {
  return mkdtempSync(join(parent, "r-"));
}

/** @param person the home directory of who runs it; by default of one without agents */
async function init(cwd: string, flags: readonly string[], person = join(parent, "nobody")) {
  const env = { HOME: person, PATH: searched };
  const { code, json, stderr } = await runCli(["init", "--json", ...flags], { home, cwd, env });
  return { code, stderr, result: json as InitResult };
}

describe("devlatch init", () => {
  for (const { name, flags, within = ".", make, expected } of repositories) {
    it(`goes in and out of a repository that ${name}, byte for byte`, async () => {
      const base = directory();
      make(base);
      const start = snapshotOf(base);
      const cwd = join(base, within);
      const shown = await init(cwd, flags);
      assert.equal(shown.code, 3, shown.stderr);
      assert.equal(shown.result.outcome, "shown");
      assert.deepEqual(snapshotOf(base), start, "what is only shown isn't written");

      const first = await init(cwd, [...flags, "--yes"]);
      assert.equal(first.code, 0, JSON.stringify(first.result));
      assert.deepEqual(first.result.files, shown.result.files, "what was shown is written");
      const set = snapshotOf(base);
      for (const [path, pattern] of Object.entries(expected))
        assert.match(set[path] ?? "missing", withMode(pattern));
      assert.deepEqual(changed(start, set), first.result.files.map(({ path }) => realOf(base, path)).sort());

      const again = await init(cwd, [...flags, "--yes"]);
      assert.equal(again.result.outcome, "unchanged");
      assert.deepEqual(again.result.files, []);
      assert.deepEqual(snapshotOf(base), set);

      const removed = await init(base, ["--remove", "--yes"]);
      assert.equal(removed.code, 0, JSON.stringify(removed.result));
      assert.deepEqual(snapshotOf(base), start);
      assert.equal((await init(base, ["--remove", "--yes"])).result.outcome, "unchanged");
    });
  }

  it("writes entries that start an agent's server, and hooks that answer", async () => {
    const base = directory();
    repositories[0]?.make(base);
    await init(base, ["--for", "claude,cursor,vscode,codex,gemini", "--yes"]);
    const read = (path: string) => readFileSync(join(base, path), "utf8");
    const json = (path: string) => JSON.parse(read(path));
    const entries = [
      json(".mcp.json").mcpServers.devlatch,
      json(".cursor/mcp.json").mcpServers.devlatch,
      json(".vscode/mcp.json").servers.devlatch,
      parseToml(read(".codex/config.toml"))["mcp_servers"],
      json(".gemini/settings.json").mcpServers.devlatch,
    ].map((one) => ({ command: "", args: [], ...(one.devlatch ?? one) }));
    for (const { command, args } of entries) assert.deepEqual([command, [...args]], ["devlatch", ["mcp"]]);
    const env = home.env({ PATH: searched });
    const own = { DEVLATCH_HOME: home.directory, PATH: searched };
    const transport = new StdioClientTransport({ command: "devlatch", args: ["mcp"], cwd: base, env: own });
    const client = new Client({ name: "reader", version: "1" });
    await client.connect(transport);
    assert.equal((await client.listTools()).tools.length, 8);
    await client.close();

    const tool = (name: string, event: string) => ({
      ...{ hook_event_name: event, tool_name: name, tool_input: { command: "npm run dev" }, cwd: base },
    });
    const group = (path: string, event: string) => json(path).hooks[event][0].hooks[0].command;
    const hooks = [
      [group(".claude/settings.json", "PreToolUse"), tool("Bash", "PreToolUse")],
      [group(".codex/hooks.json", "PreToolUse"), tool("Bash", "PreToolUse")],
      [group(".gemini/settings.json", "BeforeTool"), tool("run_shell_command", "BeforeTool")],
      [json(".github/hooks/devlatch.json").hooks.PreToolUse[0].command, tool("runInTerminal", "PreToolUse")],
      [
        json(".cursor/hooks.json").hooks.beforeShellExecution[0].command,
        { hook_event_name: "beforeShellExecution", command: "npm run dev", cwd: base },
      ],
    ] as const;
    for (const [command, call] of hooks) {
      const asked = { cwd: base, env, input: JSON.stringify(call) };
      const answered = await runProgram("sh", ["-c", command], asked);
      assert.match(answered.stdout, /deny.*devlatch start|devlatch start.*deny/s, command);
      const without = await runProgram("sh", ["-c", command], { ...asked, env: { PATH: "/usr/bin:/bin" } });
      assert.equal(without.stdout, "", "without Devlatch the command passes");
      if (!command.endsWith("guard")) assert.equal(without.code, 0);
    }
  });

  it("says of each file that it leaves why", async () => {
    const base = directory();
    repositories.at(-1)?.make(base);
    const { left } = (await init(base, ["--for", "claude,cursor,vscode,codex", "--yes"])).result;
    const why = Object.fromEntries(left.map((one) => [one.path, one.why]));
    assert.match(why[".mcp.json"] ?? "", /can't be read: .*\.mcp\.json:1:17: value expected/);
    assert.match(why[".cursor/mcp.json"] ?? "", /has mcpServers\.devlatch already/);
    assert.match(why[".codex/config.toml"] ?? "", /can't be added to/);
    assert.match(why[".vscode/mcp.json"] ?? "", /leads out of/);
    assert.match(why["CLAUDE.md"] ?? "", /not just once each/);
    assert.match(why[".claude/settings.json"] ?? "", /./);
  });

  it("sets a person's agents up with --user, and takes that out", async () => {
    const person = directory();
    for (const name of [".claude", ".codex", ".gemini", ".config/Code/User"])
      mkdirSync(join(person, name), { recursive: true });
    // Longer than what is read of others: it holds what Claude Code knows of all projects.
    const past = `,"history":"${"x".repeat(1_500_000)}"}`;
    writeFileSync(join(person, ".claude.json"), `{"userID":"x","mcpServers":{}${past}`, { mode: 0o600 });
    writeFileSync(join(person, ".codex", "config.toml"), 'model = "m"\n');
    const start = snapshotOf(person);
    const { code, result } = await init(parent, ["--user", "--yes"], person);
    assert.equal(code, 0, JSON.stringify(result));
    assert.equal(result.directory, person);
    const set = snapshotOf(person);
    assert.match(
      set[".claude.json"] ?? "",
      /^600 \{"userID":"x","mcpServers":\{"devlatch": \{ "command": "devlatch"/,
    );
    assert.match(set[".config/Code/User/mcp.json"] ?? "", /"servers"/);
    assert.match(set[".codex/AGENTS.md"] ?? "", /<!-- devlatch -->/);
    assert.equal(set["AGENTS.md"], undefined);
    assert.equal((await init(parent, ["--user", "--yes"], person)).result.outcome, "unchanged");
    await init(parent, ["--user", "--remove", "--yes"], person);
    assert.deepEqual(snapshotOf(person), start);
  });

  it("asks at a terminal, and a no writes nothing", async (context: TestContext) => {
    const base = directory();
    repositories[0]?.make(base);
    const start = snapshotOf(base);
    const command = `cd '${base}' && NO_COLOR=1 HOME='${join(parent, "nobody")}' '${process.execPath}' '${commandLine}' init`;
    const no = openTerminal(command, { home, owner: context });
    const asked = await no.shows(/Make these 2 changes in .*\? \[y\/N\]/);
    assert.match(asked, /--- \/dev\/null\s+.*\+\+\+ \.mcp\.json[\s\S]*\+\+\+ AGENTS\.md/);
    no.type("n\r");
    assert.equal(await no.ended(), 3);
    assert.deepEqual(snapshotOf(base), start);
    const yes = openTerminal(command, { home, owner: context });
    await yes.shows("[y/N]");
    yes.type("y\r");
    await yes.shows("Created AGENTS.md");
    assert.equal(await yes.ended(), 0);
    assert.match(readFileSync(join(base, "AGENTS.md"), "utf8"), /devlatch start/);
  });

  it("says where there is no terminal how to have it written, as it was asked for", async () => {
    const base = directory();
    repositories[0]?.make(base);
    const env = { HOME: join(parent, "nobody"), PATH: searched };
    const shown = await runCli(["init", "--script", "--for", "gemini"], { home, cwd: base, env });
    assert.equal(shown.code, 3);
    assert.match(shown.stdout, /^\+ {2}"mcpServers": \{$/m);
    assert.match(shown.stdout, /To make these changes: devlatch init --script --for gemini --yes$/m);
    const none = await runCli(["init", "--user"], { home, cwd: base, env });
    assert.equal(none.code, 0);
    assert.match(`${none.stdout}${none.stderr}`, /Nothing is to be written.*No agent was found/s);
  });

  it("touches nothing that another user could have written", async () => {
    const base = directory();
    repositories[0]?.make(base);
    mkdirSync(join(base, ".cursor"));
    chmodSync(join(base, ".cursor"), 0o777);
    const { result } = await init(base, ["--for", "cursor", "--yes"]);
    const refused = result.left.filter(({ why }) => /can be written to by other users/.test(why));
    assert.deepEqual(
      refused.map(({ path }) => path),
      [".cursor/mcp.json", ".cursor/hooks.json"],
    );
    assert.deepEqual(Object.keys(snapshotOf(join(base, ".cursor"))), []);
  });
});

/** A pattern for a file's text may stand behind its mode. */
function withMode({ source, flags }: RegExp): RegExp {
  return source.startsWith("^") && !/^\^(?:\d|\\d)/.test(source)
    ? new RegExp(source.replace("^", "^\\d+ "), flags)
    : new RegExp(source, flags);
}

function changed(from: Snapshot, to: Snapshot): readonly string[] {
  const isDirectory = (path: string) => to[path]?.startsWith("directory");
  return Object.keys(to)
    .filter((path) => from[path] !== to[path] && !isDirectory(path))
    .sort();
}

function realOf(base: string, path: string): string {
  return realpathSync(join(base, path)).slice(base.length + 1);
}
