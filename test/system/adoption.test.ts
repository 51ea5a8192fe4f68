import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { startProgram } from "../support/child.ts";
import { commandLine, runCli } from "../support/cli.ts";
import { userEnv } from "../support/env.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort, isPortFree, occupyPort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { openTerminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { liveLaunches } from "./launches.ts";

test("a server of this project that was started by hand is adopted, and only stopped with consent", async (context) => {
  const cwd = await prepareProject("next", context);
  const home = createHome(context);
  const port = await freePort();
  const env = userEnv({ NEXT_TELEMETRY_DISABLED: "1" });
  const byHand = await startProgram("npx", ["next", "dev", "--port", String(port)], { cwd, env });
  context.after(() => byHand.process.kill("SIGKILL"));
  await waitFor("next to answer", () => answers(port));
  const start = ["start", "web", "--port", String(port), "--cwd", cwd];
  const looking = createHome(context);
  await runJson(["daemon", "start"], { home: looking });
  const seen = await runJson<StatusResult>(["status", "--cwd", cwd], { home: looking });
  assert.deepEqual(
    seen.sessions.map(({ app, hosting, state }) => [app, hosting, state.kind === "ready" && state.port]),
    [["web", "adopted", port]],
    "it is shown before a caller asks for it",
  );

  const adopted = await runJson<Answer>(start, { home });
  assert.equal(adopted.outcome, "adopted");
  assert.equal(adopted.port, port);
  assert.equal(liveLaunches(home).size, 0, "nothing was launched beside it");
  const again = await runJson<Answer>(start, { home });
  assert.deepEqual([again.outcome, again.pid], ["reused", adopted.pid]);

  const attach = `'${process.execPath}' '${commandLine}' attach web --cwd '${cwd}'; echo "code $?"`;
  const terminal = openTerminal(attach, { home, owner: context });
  await terminal.shows("web was started by hand; its terminal is where it was started.");
  await terminal.shows("code 1");

  const refused = await runCli(["stop", "web", "--json", "--cwd", cwd], { home });
  assert.equal(refused.code, 3, refused.stdout);
  assert.match(refused.stdout, /CONSENT_REQUIRED/);
  assert.ok(await answers(port), "it still runs");

  await runJson(["stop", "web", "--yes", "--cwd", cwd], { home });
  assert.ok(await isPortFree(port));
  await byHand.finished();
});

test("a server of one app is never taken for another app's that lives in the same directory", async (context) => {
  const cwd = await prepareProject("next", context);
  const home = createHome(context);
  const [port, other, third] = [await freePort(), await freePort(), await freePort()];
  const apps = {
    web: { command: "npx next dev", port, env: { NEXT_TELEMETRY_DISABLED: "1" } },
    api: { command: "node api.mjs", port: other },
    mobile: { command: "npx next dev", port: third },
  };
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps }));
  const server = `import { createServer } from "node:http";createServer((_, a) => a.end("api")).listen(process.env.PORT);`;
  await writeFile(join(cwd, "api.mjs"), server);
  const starting = runJson<Answer>(["start", "web", "--cwd", cwd], { home });
  await waitFor("next to answer", () => answers(port));
  for (let look = 0; look < 2; look++) {
    const { sessions } = await runJson<StatusResult>(["status", "--cwd", cwd], { home });
    assert.deepEqual(
      sessions.map(({ app, hosting }) => [app, hosting]),
      [["web", "hosted"]],
    );
    await starting;
  }
  const api = await runJson<Answer>(["start", "api", "--cwd", cwd], { home });
  assert.deepEqual([api.outcome, api.port], ["started", other]);
  for (const app of ["web", "api"]) await runJson(["stop", app, "--cwd", cwd], { home });
});

test("a stranger on the port is named, and never signalled or taken for the server", async (context) => {
  const cwd = await prepareProject("plain", context);
  const home = createHome(context);
  const stranger = await occupyPort();
  context.after(() => stranger.release());
  const start = ["start", "web", "--port", String(stranger.port), "--cwd", cwd];

  const refused = await runCli([...start, "--json"], { home });
  assert.equal(refused.code, 3, refused.stdout);
  const { error } = refused.json as {
    error: { code: string; data: { listeners: { pid: number; command: string }[] } };
  };
  assert.equal(error.code, "PORT_CONFLICT");
  assert.deepEqual(
    error.data.listeners.map(({ pid }) => pid),
    [process.pid],
  );
  const told = await runCli(start, { home });
  assert.match(told.stderr, new RegExp(`pid\\D+${process.pid}`));

  const next = await runJson<Answer>([...start, "--on-conflict", "next"], { home });
  assert.ok(next.port > stranger.port, "the next free port");
  assert.equal(await (await fetch(next.url)).text(), "Hello from plain\n");
  const unasked = await runCli(["port", String(stranger.port), "--free", "--json"], { home });
  assert.equal(unasked.code, 3, "without a terminal to ask on, freeing needs --yes");
  await runJson(["stop", "web", "--cwd", cwd], { home });
});

test("with other settings a running server is not reused, and restart starts it as asked", async (context) => {
  const cwd = await prepareProject("plain", context);
  const home = createHome(context);
  const [first, second] = [await freePort(), await freePort()];
  await runJson<Answer>(["start", "web", "--port", String(first), "--cwd", cwd], { home });

  const differs = await runCli(["start", "web", "--port", String(second), "--json", "--cwd", cwd], { home });
  assert.equal(differs.code, 3, differs.stdout);
  assert.match(differs.stdout, /SESSION_DIFFERS/);

  const restarted = await runJson<Answer>(["restart", "web", "--port", String(second), "--cwd", cwd], {
    home,
  });
  assert.equal(restarted.port, second);
  assert.ok(await isPortFree(first));
  assert.equal(liveLaunches(home).size, 1);
  await runJson(["stop", "web", "--cwd", cwd], { home });
  const idle = await runJson<{ outcome: string }>(["stop", "web", "--cwd", cwd], { home });
  assert.equal(idle.outcome, "not_running");
});

async function answers(port: number): Promise<boolean> {
  try {
    await fetch(`http://localhost:${port}/`);
    return true;
  } catch {
    return false;
  }
}
