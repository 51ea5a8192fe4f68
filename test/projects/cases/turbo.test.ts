import assert from "node:assert/strict";
import { test } from "node:test";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareCase } from "../../support/projects.ts";

// Turborepo's windows were drawn over one another in the server's terminal: what the server wrote was in no line of it.
test("a workspace whose turbo.json asks for windows writes lines, a crash with its place", async (context) => {
  const cwd = await prepareCase("p28-turbo-tui", context);
  const env = { TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const developer = new Developer(createHome(context), cwd, env);
  const port = await freePort();
  const server = (text: string) =>
    `import { createServer } from "node:http";
createServer((_, response) => response.end("${text}")).listen(${port}, () => console.log("${text} at http://localhost:${port}"));
`;
  developer.put("apps/web/server.js", server("ready"));
  const started = await developer.start("web");
  assert.equal(started.port, port);
  assert.equal(await (await fetch(started.url)).text(), "ready");
  const logs = await developer.logs("web");
  assert.match(logs, new RegExp(`^web:dev: ready at http://localhost:${port}$`, "m"));
  assert.doesNotMatch(logs, /[│┌└─]/);

  developer.put("apps/web/server.js", "const broken = (;\n");
  const crashed = await developer.wait("web");
  assert.equal(crashed.code, 1, JSON.stringify(crashed));
  assert.match(crashed.first, /apps\/web\/server\.js:1 SyntaxError/);
  developer.put("apps/web/server.js", server("mended"));
  assert.equal((await developer.start("web")).outcome, "reused");
  assert.equal(await (await fetch(started.url)).text(), "mended");
  await developer.stopsWhole("web", port);
});
