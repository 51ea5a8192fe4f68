import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { needDependencies } from "../../support/projects.ts";
import { refused, SessionWorld } from "./world.ts";

const world = await SessionWorld.open({ after });
const daemon = await world.daemon();
const installed = (await needDependencies("watchers")) ?? assert.fail("the watchers have dependencies");
const program = (name: string) => join(installed, "node_modules", ".bin", name);

const serve = `import("node:http").then(({ createServer }) =>
  createServer((q, s) => s.end("ours")).listen(process.env.PORT, "127.0.0.1"));
`;

for (const [what, command] of [
  ["nodemon", [program("nodemon"), "server.js"]],
  [
    "nodemon with a shell between",
    [program("nodemon"), "--watch", "server.js", "--exec", "sh -c 'node server.js'"],
  ],
  ["tsx watch, which says nothing of a crash", [program("tsx"), "watch", "server.js"]],
  ["node --watch", [process.execPath, "--watch", "server.js"]],
] as const) {
  test(`${what}: a crash is told with its place and ends nothing, before the first answer and after it`, async (t) => {
    const app = await world.app(t, {
      command: [process.execPath, ...command].slice(command[0] === process.execPath ? 1 : 0),
    });
    app.write("package.json", "{}");
    app.write("server.js", `throw new Error("no config");`);
    const { message } = await refused(daemon.start(app), "SERVER_CRASHED");
    assert.match(message, /: server\.js:1:7: Error: no config$/);
    app.write("server.js", serve);
    const { pid } = await daemon.until(app, "ready");
    app.write("server.js", `${serve}setTimeout(() => { throw new Error("boom"); });`);
    const { place, cause } = await daemon.until(app, "crashed");
    assert.deepEqual([place?.file, place?.line, cause], ["server.js", 3, "Error: boom"]);
    app.write("server.js", serve);
    assert.notEqual((await daemon.until(app, "ready")).pid, pid);
    assert.equal((await daemon.start(app)).outcome, "reused");
  });
}
