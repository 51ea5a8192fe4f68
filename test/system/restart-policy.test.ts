import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { SessionView } from "../../shared/model/session.ts";
import type { StatusResult, StopResult } from "../../shared/protocol/methods.ts";
import { runCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { liveLaunches } from "./launches.ts";

/** Says its number and its secret; ends as the file `end` says: at once where that says `at once`. */
const server = `
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
const number = existsSync("number") ? Number(readFileSync("number", "utf8")) + 1 : 1;
writeFileSync("number", String(number));
console.log("I am number", number);
if (existsSync("broken")) { console.log("it is broken"); process.exit(7); }
createServer((request, response) => {
  if (request.url === "/end") process.exit(3);
  if (request.url === "/finish") process.exit(0);
  response.end(number + " " + process.env.SECRET);
}).listen(Number(process.env.PORT), "127.0.0.1");
`;

interface World {
  readonly cwd: string;
  readonly home: TestHome;
  readonly port: number;
  session(): Promise<SessionView | undefined>;
  /** What the server says, or undefined where none answers. */
  ask(path?: string): Promise<string | undefined>;
  number(): number;
}

async function world(t: TestContext, restart: string): Promise<World> {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const port = await freePort();
  await writeFile(join(cwd, "server.js"), server);
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: { port, restart } } }));
  const ask = async (path = "/") => {
    try {
      return await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    } catch {
      return undefined;
    }
  };
  return {
    ...{ cwd, home, port, ask },
    session: async () => (await runJson<StatusResult>(["status"], { home })).sessions[0],
    number: () => Number(readFileSync(join(cwd, "number"), "utf8")),
  };
}

const start = ({ cwd, home }: World) =>
  runJson<Answer>(["start", "web", "--cwd", cwd], { home, env: { SECRET: "from the first caller" } });

test("a server that falls is started again, with the environment it had, and says why", async (t) => {
  const it = await world(t, "on-failure");
  await start(it);
  await it.ask("/end");
  await waitFor("the restarted server", async () => (await it.ask()) === "2 from the first caller");
  await waitFor("it to be ready", async () => (await it.session())?.state.kind === "ready");
  const { stdout } = await runCli(["logs", "web", "--cwd", it.cwd], { home: it.home });
  assert.match(stdout, /restart 1 of at most 5: web exited with code 3/);
  assert.equal(liveLaunches(it.home).size, 1);

  await it.ask("/finish");
  await waitFor("the stop", async () => (await it.session())?.state.kind === "stopped");
});

test("a stop while the back-off runs, and there is no restart", async (t) => {
  const it = await world(t, "on-failure");
  await start(it);
  await writeFile(join(it.cwd, "broken"), "");
  await it.ask("/end");
  await waitFor("the status to say so", async () =>
    /web +ended, restart \d follows/.test((await runCli(["status"], { home: it.home })).stdout),
  );
  // The later, the longer the back-off: the last ones are long enough for a busy machine to stop in them.
  const waiting = await waitFor("a late restart to be waited for", async () => {
    const state = (await it.session())?.state;
    return state?.kind === "restarting" && state.attempt >= 4 ? state : undefined;
  });
  const stopped = await runJson<StopResult>(["stop", "web", "--cwd", it.cwd], { home: it.home });
  assert.equal(stopped.outcome, "stopped");
  assert.match(waiting.error.message, /exited with code 7/);
  assert.match(waiting.error.logTail.join("\n"), new RegExp(`I am number ${waiting.attempt}\nit is broken`));
  const number = it.number();
  await waitFor("the time of the restart to be over", () => Date.now() > waiting.at + 1_000);
  assert.deepEqual([it.number(), (await it.session())?.state.kind], [number, "stopped"]);
});

test("the next daemon goes on with a back-off, and knows the environment from the host", async (t) => {
  const it = await world(t, "on-failure");
  await start(it);
  const kill = async () => {
    process.kill(it.home.daemonPid() ?? Number.NaN, "SIGKILL");
    await waitFor("the daemon to be gone", () => it.home.daemonPid() === undefined);
  };
  await kill();
  await runJson(["daemon", "start"], { home: it.home });
  await waitFor("it to be ready", async () => (await it.session())?.state.kind === "ready");
  await it.ask("/end");
  await waitFor("the restarted server", async () => (await it.ask()) === "2 from the first caller");
});
