import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { ThreadPage } from "../../shared/model/thread.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { type ProjectName, prepareProject } from "../support/projects.ts";
import type { Answer } from "./answer.ts";
import { liveLaunches } from "./launches.ts";

interface Framework {
  readonly project: ProjectName;
  readonly app: "web" | "mobile";
  /** Where the server answers, and what it says there. */
  readonly path: string;
  readonly says: RegExp;
  readonly env?: NodeJS.ProcessEnv;
}

const frameworks: readonly Framework[] = [
  { project: "next", app: "web", path: "/", says: /<html/i },
  {
    project: "expo",
    app: "mobile",
    path: "/status",
    says: /packager-status:running/,
    env: { EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1" },
  },
  { project: "vite", app: "web", path: "/", says: /\/@vite\/client/ },
  { project: "astro", app: "web", path: "/", says: /<html/i, env: { ASTRO_TELEMETRY_DISABLED: "1" } },
];

for (const { project, app, path, says, env = {} } of frameworks) {
  test(`${project} without configuration: start, reuse, output, stop, nothing left`, async (context) => {
    const cwd = await prepareProject(project, context);
    const home = createHome(context);
    const port = await freePort();
    const options = { home, env: { NEXT_TELEMETRY_DISABLED: "1", ...env }, timeoutMs: 180_000 };
    const start = ["start", app, "--port", String(port), "--cwd", cwd];

    const started = await runJson<Answer>(start, options);
    assert.equal(started.outcome, "started");
    assert.equal(started.session, `dev_server_${app}`);
    assert.equal(started.port, port, "the wished port reaches the framework");
    const body = await (await fetch(new URL(path, started.url))).text();
    assert.match(body, says);

    const again = await runJson<Answer>(start, options);
    assert.equal(again.outcome, "reused");
    assert.equal(again.pid, started.pid);
    assert.equal(liveLaunches(home).size, 1);

    const page = await runJson<ThreadPage>(["logs", app, "--cursor", "0", "--cwd", cwd], options);
    assert.ok(
      page.messages.some(({ kind }) => kind === "output"),
      "what the server wrote is there",
    );

    const stopped = await runJson<{ outcome: string; survivors: unknown[] }>(
      ["stop", app, "--cwd", cwd],
      options,
    );
    assert.deepEqual([stopped.outcome, stopped.survivors], ["stopped", []]);
    assert.ok(await isPortFree(port), "the port can be bound again");
    assert.equal(liveLaunches(home).size, 0, "no process of the tree lives");
  });
}

test("three lines of configuration make any server an app of its own", async (context) => {
  const cwd = await prepareProject("plain", context);
  const home = createHome(context);
  const port = await freePort();
  // Three lines of configuration for what can't be detected.
  await writeFile(
    join(cwd, "devlatch.json"),
    JSON.stringify({ apps: { api: { command: "node server.js", port } } }),
  );
  const started = await runJson<Answer>(["start", "api", "--cwd", cwd], { home });
  assert.equal(started.session, "dev_server_api");
  assert.equal(started.url, `http://localhost:${port}`);
  await runJson(["stop", "api", "--cwd", cwd], { home });
});
