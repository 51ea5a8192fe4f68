import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parse } from "smol-toml";
import { configurationText } from "../../../../daemon/cli/init/configuration.ts";
import type { FilePart } from "../../../../daemon/cli/init/edit.ts";
import { paragraphPart } from "../../../../daemon/cli/init/paragraph-part.ts";
import { serverLaunch } from "../../../../daemon/cli/init/program.ts";
import { scriptPart } from "../../../../daemon/cli/init/script-part.ts";
import { sealedFile, sealPlace } from "../../../../daemon/cli/init/sealed-file.ts";
import { paragraph, skill } from "../../../../daemon/cli/init/texts.ts";
import { tomlServerPart } from "../../../../daemon/cli/init/toml-servers.ts";
import { WorkspaceConfig } from "../../../../shared/model/config.ts";
import type { SandboxView } from "../../../../shared/model/sandbox.ts";

const agents = paragraphPart("AGENTS.md", paragraph, true);
const claude = paragraphPart("CLAUDE.md", paragraph, false);
const toml = tomlServerPart(".codex/config.toml", serverLaunch("registry"));

function textOf(edit: ReturnType<FilePart["put"]>): string | undefined {
  assert.equal(edit.kind, "text", JSON.stringify(edit));
  return edit.kind === "text" ? edit.text : undefined;
}

function roundTrip(part: FilePart, text: string | undefined): string {
  const added = textOf(part.put(text));
  assert.ok(added !== undefined && added !== text, JSON.stringify(text));
  assert.equal(textOf(part.put(added)), added, "a second time changes nothing");
  assert.equal(textOf(part.take(added)), text);
  return added;
}

const ends = ["", "\n", "\r\n", "\n\n", "\r\n\r\n", "\n\n\n", "  ", "\n  "];
const anyText = fc
  .tuple(
    fc.array(fc.constantFrom("# A", "text  ", "", "\u{feff}", "<!-- devlatch", "- `x`"), { maxLength: 6 }),
  )
  .chain(([lines]) =>
    fc
      .tuple(fc.constantFrom("\n", "\r\n"), fc.constantFrom(...ends))
      .map(([eol, end]) => lines.join(eol) + end),
  );

describe("a block between marks", () => {
  it("goes in and out of any text byte for byte, and a file that was made for it goes", () => {
    roundTrip(agents, undefined);
    for (const end of ends) {
      const added = roundTrip(agents, `# Rules${end}`);
      assert.equal(added.endsWith("\n"), end.endsWith("\n"), "the last line ends as it did");
      assert.match(added, /\n\r?\n<!-- devlatch -->/, "behind an empty line");
    }
    fc.assert(
      fc.property(anyText, (text) => void roundTrip(agents, text)),
      { numRuns: 500 },
    );
  });

  it("has the line ends of the file", () => {
    const added = roundTrip(agents, "# A\r\n");
    assert.doesNotMatch(added.replaceAll("\r\n", ""), /[\r\n]/);
  });

  it("is renewed where it stands, and is all that goes", () => {
    const added = textOf(agents.put("# A\n")) ?? "";
    const older = `${added.replace("## Dev servers", "## Servers of old")}\n## B\n`;
    const renewed = textOf(agents.put(older)) ?? "";
    assert.equal(renewed, `${added}\n## B\n`);
    assert.equal(textOf(agents.take(renewed)), "# A\n\n## B\n");
  });

  it("leaves a text with half a block, or two, as it is", () => {
    for (const text of ["<!-- devlatch -->\n", "<!-- /devlatch -->\n<!-- devlatch -->\n"]) {
      assert.equal(agents.put(text).kind, "left");
      assert.equal(agents.take(text).kind, "left");
    }
    const two = `${textOf(agents.put("# A\n"))}${textOf(agents.put(undefined))}`;
    assert.equal(agents.take(two).kind, "left");
    assert.equal(textOf(agents.put("see <!-- devlatch --> there\n"))?.startsWith("see <!-- devlatch"), true);
  });

  it("stays out of a CLAUDE.md that takes AGENTS.md in, and makes none", () => {
    assert.equal(textOf(claude.put(undefined)), undefined);
    for (const text of ["@AGENTS.md\n", "# A\nSee @./AGENTS.md.\n"])
      assert.equal(textOf(claude.put(text)), text);
    roundTrip(claude, "Mail me@AGENTS.md\n");
  });
});

describe("the server in Codex' TOML", () => {
  const foreign = [
    "",
    "\n",
    'model = "x"',
    'model = "x"\r\n[mcp_servers.other]\r\ncommand = "y"\r\n',
    "# only a comment",
    '[features]\nhooks = true\n\n\n[[a]]\nb = """\n# <devlatch\n"""\n\n',
    "[mcp_servers]\n",
  ];

  it("goes in and out byte for byte, and is what Codex reads", () => {
    for (const text of [undefined, ...foreign]) {
      const added = roundTrip(toml, text);
      const servers = JSON.parse(JSON.stringify(parse(added)["mcp_servers"]));
      assert.deepEqual(servers.devlatch, { command: "npx", args: ["-y", "devlatch", "mcp"] });
      assert.equal("other" in servers, text?.includes("other") ?? false);
    }
  });

  it("stays out of what can't be read, has the entry, or can't take it", () => {
    for (const text of [
      "a = ",
      "mcp_servers = { other = {} }\n",
      '[mcp_servers.devlatch]\ncommand = "mine"\n',
    ])
      assert.equal(toml.put(text).kind, "left", text);
    const byHand = '[mcp_servers.devlatch]\ncommand = "devlatch"\nargs = ["mcp"]\n';
    assert.equal(textOf(toml.put(byHand)), byHand);
    assert.equal(textOf(toml.take(byHand)), byHand, "what has no marks isn't init's");
  });
});

describe("a file of init's own", () => {
  const part = sealedFile("SKILL.md", skill);

  it("goes only as it was made, whatever version made it", () => {
    const made = textOf(part.put(undefined)) ?? "";
    assert.doesNotMatch(made, new RegExp(sealPlace));
    assert.equal(textOf(part.take(made)), undefined);
    assert.equal(textOf(part.take(made.replaceAll("\n", "\r\n"))), undefined);
    const older = textOf(sealedFile("SKILL.md", skill.replace("One at a time", "Once")).put(undefined)) ?? "";
    assert.equal(textOf(part.take(older)), undefined);
    assert.equal(textOf(part.put(older)), made, "a newer version renews it");
  });

  it("is the user's once it was changed, as one that init didn't make", () => {
    const changed = `${textOf(part.put(undefined))}\nMore.\n`;
    assert.equal(part.put(changed).kind, "left");
    assert.equal(part.take(changed).kind, "left");
    assert.equal(part.put("mine").kind, "left");
    assert.equal(textOf(part.take("mine")), "mine");
  });
});

describe("the script dev", () => {
  const part = scriptPart("package.json");

  it("goes through devlatch dev and back, byte for byte", () => {
    const text = '{\r\n\t"name": "x",\r\n\t"scripts": { "dev" : "next dev --title \\"a b\\"" }\r\n}';
    assert.equal(roundTrip(part, text), text.replace("next dev", "devlatch dev -- next dev"));
  });

  it("stays as it is where it isn't one plain command, or has been through it", () => {
    const of = (script: string) => JSON.stringify({ scripts: { dev: script } });
    const many = [
      "tsc -w & next dev",
      "PORT=1 next dev",
      "cd a && vite",
      "vite $ARGS",
      "vite > log",
      "a `b`",
      "a\\nb",
    ];
    for (const script of many) assert.equal(part.put(of(script)).kind, "left", script);
    assert.equal(textOf(part.put(of("devlatch dev"))), of("devlatch dev"));
    for (const text of ["{}", "{", '{"scripts": {"dev": 3}}'])
      assert.equal(part.put(text).kind, "left", text);
    assert.equal(part.put(undefined).kind, "left");
  });
});

describe("a devlatch.json from what was detected", () => {
  const app = (name: string, cwd: string) =>
    ({ app: name, cwd, port: 3000, source: "detected", command: "npm run dev" }) as const;
  const view: SandboxView = {
    ...{ sandboxId: "sb", root: "/repo", problems: [] },
    apps: [app("shop", "/repo/apps/shop"), app("admin", "/repo")],
  };

  it("names several apps, in a file that can be read", () => {
    const text = configurationText(view) ?? "";
    const config = WorkspaceConfig.parse(JSON.parse(text.replace(/^\/\/.*\n/, "")));
    assert.deepEqual(config.apps, {
      shop: { command: "npm run dev", cwd: "apps/shop" },
      admin: { command: "npm run dev" },
    });
  });

  it("has the setup that an agent's file does in a new checkout, unless it needs what only that agent sets", () => {
    const setups = [
      { file: "conductor.json", setup: 'cp "$CONDUCTOR_ROOT_PATH/.env" .env' },
      { file: ".cursor/worktrees.json", setup: "npm ci\nnpm run db" },
    ];
    const of = (...some: SandboxView["setups"] & object) => {
      const text = configurationText({ ...view, apps: [], setups: some }) ?? "{}";
      return WorkspaceConfig.parse(JSON.parse(text.replace(/^\/\/.*\n/, ""))).setup?.command;
    };
    assert.deepEqual(of(...setups), ["sh", "-c", "npm ci\nnpm run db"]);
    assert.equal(of({ file: "conductor.json", setup: "npm ci" }), "npm ci");
    assert.equal(of(...setups.slice(0, 1)), undefined);
  });

  it("isn't written for one app, beside a configuration, or where something is wrong", () => {
    assert.equal(configurationText({ ...view, apps: view.apps.slice(0, 1) }), undefined);
    assert.equal(configurationText({ ...view, configured: [] }), undefined);
    assert.equal(configurationText({ ...view, problems: [{ message: "x", remedy: "y" }] }), undefined);
    const named = { ...app("docs", "/repo"), from: ".claude/launch.json" };
    assert.equal(configurationText({ ...view, apps: [app("web", "/repo"), named] }), undefined);
    const external = { ...app("db", "/repo"), external: { tcp: 5432 } };
    assert.equal(configurationText({ ...view, apps: [app("web", "/repo"), external] }), undefined);
  });
});
