import assert from "node:assert/strict";
import { test } from "node:test";
import { runJson } from "../../support/json.ts";
import { freePort, isPortFree, occupyPort } from "../../support/ports.ts";
import type { ProjectName } from "../../support/projects.ts";
import type { Answer } from "../answer.ts";
import { liveLaunches } from "../launches.ts";
import { openCase } from "./open-case.ts";

const text = async (port: number, path = "/") => (await fetch(`http://localhost:${port}${path}`)).text();

interface Detected {
  readonly port?: number;
}

/** A case whose server's port is in a file of variables. */
interface Filed {
  readonly name: string;
  readonly port: number;
  readonly modules?: ProjectName;
  readonly path?: string;
  readonly says: RegExp;
  /** What its script says. */
  readonly line?: string;
}

const filed: readonly Filed[] = [
  { name: "09-dotenv-port", port: 42_402, modules: "vite", says: /\/@vite\/client/ },
  {
    name: "09b-node-envfile",
    port: 42_403,
    says: /^ok$/,
    line: "node --watch --env-file=.env server.js",
  },
  { name: "p19-dotenv-port-overridden", port: 4010, path: "/api/hello", says: /"world"/ },
];

// A port of Devlatch's own, exported as PORT, moved such servers to where their clients didn't look for them.
for (const { name, port, path, says, line, ...own } of filed) {
  test(`a server whose port is in a file of variables listens there as by hand (${name})`, async (context) => {
    const opened = await openCase(context, name, { ports: [port], ...own });
    const [free = 0] = opened.ports;
    assert.equal((await opened.json<Detected>("detect", "--", "npm", "run", "dev")).port, free);
    const started = await opened.json<Answer>("start", "web");
    assert.deepEqual([started.outcome, started.port], ["started", free]);
    assert.match(await text(free, path), says);
    const again = await opened.json<Answer>("start", "web");
    assert.deepEqual([again.outcome, again.pid], ["reused", started.pid]);
    if (line !== undefined) {
      const same = await opened.json<Answer>("start", "web", "--", ...line.split(" "));
      assert.deepEqual([same.outcome, same.pid], ["reused", started.pid], "what the script says, asked for");
      await opened.refused(3, "start", "web", "--", ...line.split(" "), "else");
    }
    await opened.json("stop", "web");
    assert.ok(await isPortFree(free));
  });
}

test("the caller's PORT counts for more than the file's, and reaches the server", async (context) => {
  const { cwd, home, ports } = await openCase(context, "09b-node-envfile", { ports: [42_403] });
  const other = await freePort();
  const options = { home, env: { PORT: `${other}` } };
  const { port } = await runJson<Answer>(["start", "web", "--cwd", cwd], options);
  assert.equal(port, other);
  assert.equal(await text(other), "ok");
  assert.ok(await isPortFree(ports[0] ?? 0));
});

// Both parts of it read PORT: a guess that is exported makes them fight for it, and one of them is shown as the other.
for (const line of [undefined, "node api.js & node web.js"]) {
  const by = line ?? "concurrently";
  test(`two servers under one script keep a port each, and the web one is the app (${by})`, async (context) => {
    const opened = await openCase(context, "07-port-leak", {
      ports: [42_470, 42_471],
      modules: "concurrently",
    });
    const [web = 0, api = 0] = opened.ports;
    if (line !== undefined) {
      const scripts = { dev: line };
      await opened.write("package.json", JSON.stringify({ private: true, scripts }));
    }
    const started = await opened.json<Answer>("start", "web");
    assert.equal(started.port, web);
    assert.deepEqual([await text(web), await text(api)], ["WEB", "API"]);
    await opened.json("stop", "web");
    assert.deepEqual([await isPortFree(web), await isPortFree(api)], [true, true]);
  });
}

test("where no runner names the parts, one that couldn't listen is told with what is ready", async (context) => {
  const opened = await openCase(context, "07-port-leak", { ports: [42_470, 42_471] });
  const [web = 0, api = 0] = opened.ports;
  const scripts = { dev: "node web.js & node api.js" };
  await opened.write("package.json", JSON.stringify({ private: true, scripts }));
  const stranger = await occupyPort(web);
  context.after(() => stranger.release());
  const started = await opened.json<Answer & { notice?: string }>("start", "web");
  assert.equal(started.port, api);
  const said = new RegExp(`could not listen on port ${web}, which is used by .*pid ${process.pid}\\b`);
  assert.match(started.notice ?? "", said);
});

/** Listens where it is told once something else does: it comes late, however slow the machine is. */
const afterOther = (port: number) => `
const p = process.env.PORT || ${port};
const listen = () => require("http").createServer((q, r) => r.end("WEB")).listen(p, () => console.log("web is up"));
const look = () => {
  const socket = require("net").connect(p, "localhost");
  socket.once("error", () => setTimeout(look, 20));
  socket.once("connect", () => setTimeout(listen, 1_500, socket.destroy()));
};
look();
`;

// Its own part can't run and another one can: to show that one as the app is wrong, to wait for the first is in vain.
test("a part that fails is told, and the other one isn't taken for the app", async (context) => {
  const opened = await openCase(context, "07-port-leak", {
    ports: [42_470, 42_471],
    modules: "concurrently",
  });
  const [web = 0, api = 0] = opened.ports;
  await opened.write("web.js", afterOther(web));
  const stranger = await occupyPort(web);
  context.after(() => stranger.release());
  const taken = await opened.refused(3, "start", "web");
  assert.equal(taken.code, "PORT_CONFLICT");
  assert.match(taken.message, new RegExp(`could not listen on port ${web}, .*pid ${process.pid}\\b`));
  await stranger.release();

  const both = await opened.refused(3, "start", "web", "--port", `${await freePort()}`);
  assert.equal(both.code, "PORT_FIXED");
  assert.match(both.message, /starts several servers, and another of them has it: `node api\.js`/);

  // However late the app's own part comes, and silently.
  const package_ = JSON.parse(opened.read("package.json"));
  const silent = { ...package_.scripts, dev: 'concurrently -n web,api "node web.js" "node api.js"' };
  await opened.write("package.json", JSON.stringify({ ...package_, scripts: silent }));
  const late = await opened.refused(3, "start", "web", "--port", `${await freePort()}`);
  assert.equal(late.code, "PORT_FIXED");

  await opened.write("web.js", 'throw new Error("boom");\n');
  const ended = await opened.refused(1, "start", "web");
  assert.equal(ended.code, "EXITED_EARLY");
  assert.match(ended.message, /that of web, \[web\], exited with code 1/);
  assert.deepEqual([await isPortFree(web), await isPortFree(api)], [true, true]);
  assert.equal(liveLaunches(opened.home).size, 0);
});
