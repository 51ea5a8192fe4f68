import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { type Files, project } from "./project.ts";

const workspace = createWorkspace();

/** By what a process is known as the server of a project's script "dev"; those above it stand behind, nearest first. */
async function kinshipOf(
  t: TestContext,
  dev: string,
  lineage: readonly (string | { readonly command: string; readonly below: string })[],
  files: Files = {},
) {
  const root = await project(t, { "package.json": { scripts: { dev } }, ...files });
  const plan = await workspace.plan({ cwd: root, app: "web" });
  const processes = lineage.map((one) =>
    typeof one === "string"
      ? { command: one.replaceAll("ROOT", root), cwd: root }
      : { command: one.command.replaceAll("ROOT", root), cwd: join(root, one.below) },
  );
  const [kinship] = await workspace.kinships(plan, [processes]);
  return kinship;
}

describe("a server that was started by hand is the script's own", () => {
  const same: readonly [string, string | { readonly command: string; readonly below: string }][] = [
    ["nodemon server.js", "node server.js"],
    ["nodemon server.js", "/usr/bin/node ./server.js"],
    ["nodemon --watch src server", "node --inspect server.js"],
    ["node --watch src/index.js", "node --enable-source-maps src"],
    ["node --watch .", "node ."],
    ["NODE_ENV=development node server.js", { command: "node ../server.js", below: "src" }],
    [
      "tsx watch src/index.ts",
      "/usr/bin/node --require /x/preflight.cjs --import file:///x/loader.mjs src/index.ts",
    ],
    ["ts-node-dev --respawn src/main.ts", "node ROOT/node_modules/.bin/ts-node src/main.ts"],
    ["pm2 start server.js --name api --watch && pm2 logs", "node ROOT/server.js"],
    ["forever start server.js", "node server.js"],
    ["nodemon server.js --port 4000", "node server.js --port 4000"],
    ["bun --hot src/index.ts", "bun run src/index.ts"],
    ["python app.py", "/usr/bin/python3 ROOT/app.py"],
    ["http-server . -p 8080", "http-server"],
  ];
  for (const [dev, command] of same) {
    it(`\`${dev}\`: ${typeof command === "string" ? command : command.command}`, async (t) => {
      assert.equal(await kinshipOf(t, dev, [command]), "program");
    });
  }

  it("by the title of its framework's program, and what its parents were told", async (t) => {
    const line = (config: string) => `sh -c webpack serve --config ${config}`;
    const titled = (config: string) => kinshipOf(t, "webpack serve --config a.js", ["webpack", line(config)]);
    assert.equal(await titled("a.js"), "program");
    assert.equal(await titled("b.js"), undefined);
    assert.equal(await kinshipOf(t, "webpack serve", ["webpack"]), "program");
    assert.equal(await kinshipOf(t, "webpack serve", [{ command: "webpack", below: "docs" }]), undefined);
    assert.equal(await kinshipOf(t, "rails server", ["puma 6.4.2 (tcp://127.0.0.1:3000) [shop]"]), "program");
    assert.equal(await kinshipOf(t, "next dev", ["next-server (v16.4.6)"]), "program");
    assert.equal(await kinshipOf(t, "next dev", ["next-server (v16.4.6)", "next start"]), undefined);
  });

  it("by what the file of a shell's script starts in the background", async (t) => {
    const script = (start: string) => ({
      "dev.sh": `#!/bin/sh
if [ -f .pid ] && kill -0 $(cat .pid) 2>/dev/null; then echo "already running"; exit 0; fi
${start} > dev.log 2>&1 &
echo $! > .pid
sleep 1
`,
    });
    assert.equal(
      await kinshipOf(t, "sh dev.sh", ["node server.js"], script("setsid node server.js")),
      "program",
    );
    assert.equal(
      await kinshipOf(t, "bash dev.sh", ["node ROOT/node_modules/.bin/vite"], script("nohup npx vite")),
      "program",
    );
    assert.equal(
      await kinshipOf(t, "sh dev.sh", ["node other.js"], script("setsid node server.js")),
      undefined,
    );
    assert.equal(await kinshipOf(t, "sh dev.sh", ["node server.js"]), undefined, "the file isn't there");
  });

  it("where it was told its own directory", async (t) => {
    assert.equal(await kinshipOf(t, "vite", ["node ROOT/node_modules/.bin/vite . --port 5180"]), "program");
    assert.equal(await kinshipOf(t, "vite ./", ["vite"]), "program");
    assert.equal(await kinshipOf(t, "vite", ["vite ./docs"]), undefined);
    assert.equal(await kinshipOf(t, "vite", ["vite docs"]), undefined);
  });
});

describe("a server is another's than the script's", () => {
  const others: readonly [string, string | { readonly command: string; readonly below: string }][] = [
    ["nodemon server.js", "node other.js"],
    ["nodemon server.js", "node server.js worker"],
    ["node server.js web", "node server.js api"],
    ["nodemon server.js --port 4000", "node server.js --port 4001"],
    ["nodemon server.js", { command: "node server.js", below: "api" }],
    ["nodemon server.js", "python server.js"],
    ["go run .", "node ."],
    ["http-server . -p 8080", "live-server"],
  ];
  for (const [dev, command] of others) {
    it(`\`${dev}\`: ${typeof command === "string" ? command : `${command.below}: ${command.command}`}`, async (t) => {
      assert.equal(await kinshipOf(t, dev, [command], { "api/x": "", "src/x": "" }), undefined);
    });
  }
});

it("what runs a server's own file, or is a watcher by name, would start it again; what only asked for it wouldn't", () => {
  const cwd = "/shop";
  const startsAgain = (command: string, started: string) =>
    workspace.startsAgain({ command, cwd }, { command: started, cwd });
  const watched: readonly [string, string][] = [
    ["node /x/node_modules/.bin/nodemon server.js", "/usr/bin/node server.js"],
    ["node --watch server.js", "/usr/bin/node server.js"],
    ["node /x/node_modules/tsx/dist/cli.mjs watch a.ts", "node --import file:///x/loader.mjs a.ts"],
    ["node /x/node_modules/.bin/nest start --watch", "node --enable-source-maps /shop/dist/main"],
  ];
  for (const [command, started] of watched) assert.ok(startsAgain(command, started), command);
  for (const command of [
    "npm run dev",
    "node /x/node_modules/.bin/concurrently node server.js node worker.js",
    "node /x/node_modules/an-agent/cli.js -p run node server.js",
    "bash",
  ])
    assert.ok(!startsAgain(command, "node server.js"), command);
});
