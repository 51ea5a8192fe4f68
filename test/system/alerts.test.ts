import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Alert, AlertBoard } from "../../shared/model/alert.ts";
import type { JournalPage } from "../../shared/model/journal.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { runCli } from "../support/cli.ts";
import { connectTo } from "../support/daemon.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { startRedis } from "../support/redis.ts";
import { waitFor } from "../support/wait.ts";

/** The alerts of one kind: a busy test machine may have others. */
async function alertsOf(home: TestHome, kind: Alert["kind"]): Promise<readonly Alert[]> {
  const { alerts } = await runJson<AlertBoard>(["alerts"], { home });
  return alerts.filter((alert) => alert.kind === kind);
}

/** A ready server that ends with code 3 when it is asked for `/end`. */
async function mortalServer(t: Parameters<typeof prepareProject>[1]) {
  const cwd = await prepareProject("plain", t);
  const port = await freePort();
  const script = `
import { createServer } from "node:http";
createServer((request, response) => {
  if (request.url === "/end") process.exit(3);
  response.end("up");
}).listen(Number(process.env.PORT), "127.0.0.1");
`;
  await writeFile(join(cwd, "server.mjs"), script);
  const web = { command: "node server.mjs", port, restart: "never" };
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web } }));
  const end = () => fetch(`http://127.0.0.1:${port}/end`).catch(() => undefined);
  return { cwd, port, end };
}

test("a server that crashes is one alert, told once, known to the next daemon, and gone when it is started", async (t) => {
  const home = createHome(t);
  const { cwd, end } = await mortalServer(t);
  await runJson(["start", "web", "--cwd", cwd], { home });
  const window = await connectTo(home, { kind: "window" });
  t.after(() => window.dispose());
  const published: AlertBoard[] = [];
  window.onNotification("state/delta", ({ change }) => {
    if (change.kind === "alerts") published.push(change.alerts);
  });
  await window.request("state/subscribe", {});
  await end();
  const ofServer = () => published.at(-1)?.alerts.filter(({ kind }) => kind === "server") ?? [];
  const [alert] = await waitFor("the alert", () => ofServer().length > 0 && ofServer());
  assert.ok(alert);
  assert.match(alert.message, /web exited with code 3/);
  assert.deepEqual(
    [alert.severity, alert.notify, alert.actions.map(({ kind }) => kind)],
    ["critical", true, ["show-output", "restart"]],
  );
  const { id, since } = alert;
  assert.deepEqual(await window.request("alerts/take", { id, since }), { taken: true });
  assert.deepEqual(await window.request("alerts/take", { id, since }), { taken: false });
  assert.equal(ofServer()[0]?.notify, false);
  const status = await runCli(["status"], { home });
  assert.match(status.stdout, new RegExp(`critical: web in \\S+ is down \\(${id}`));

  await runJson(["daemon", "stop"], { home });
  await runJson(["daemon", "start"], { home });
  assert.deepEqual(
    (await alertsOf(home, "server")).map((again) => [again.id, again.notify]),
    [[id, false]],
  );
  await runJson(["start", "web", "--cwd", cwd], { home });
  await waitFor("it to go", async () => (await alertsOf(home, "server")).length === 0);
});

test("a failure can be dismissed, also of an app whose files are gone: its alert goes, and it counts as stopped", async (t) => {
  const home = createHome(t);
  const { cwd, end } = await mortalServer(t);
  await runJson(["start", "web", "--cwd", cwd], { home });
  await end();
  const [alert] = await waitFor("the alert", async () => {
    const found = await alertsOf(home, "server");
    return found.length > 0 && found;
  });
  const [sandboxId = ""] = alert?.sandboxIds ?? [];
  assert.equal(alert?.session, `${sandboxId}/web`);
  rmSync(cwd, { recursive: true });
  const window = await connectTo(home, { kind: "window" });
  t.after(() => window.dispose());
  const place = { sandboxId, app: "web" };
  assert.deepEqual(await window.request("session/dismiss", place), { dismissed: true });
  assert.deepEqual(await window.request("session/dismiss", place), { dismissed: false });
  assert.deepEqual(await alertsOf(home, "server"), []);
  const { sessions } = await runJson<StatusResult>(["status"], { home });
  assert.equal(sessions[0]?.state.kind, "stopped");
});

test("a start that fails is no alert: its caller was told", async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const web = { command: ["node", "-e", "process.exit(3)"], port: await freePort() };
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web } }));
  assert.equal((await runCli(["start", "web", "--cwd", cwd], { home })).code, 1);
  const { sessions } = await runJson<StatusResult>(["status"], { home });
  assert.equal(sessions[0]?.state.kind, "failed");
  assert.deepEqual(await alertsOf(home, "server"), []);
});

test("a store that is away is one alert once that has lasted, and gone when it is back", async (t) => {
  const home = createHome(t);
  const redis = await startRedis();
  t.after(() => redis.stop());
  const env = { DEVLATCH_REDIS_URL: redis.url };
  await runJson(["daemon", "start"], { home, env });
  await redis.kill();
  const ofStore = async () => (await alertsOf(home, "health")).filter(({ id }) => id === "health-store");
  const [alert] = await waitFor(
    "the alert to be told",
    async () => {
      const found = await ofStore();
      return found[0]?.notify ? found : undefined;
    },
    { intervalMs: 200 },
  );
  assert.equal(alert?.severity, "critical");
  assert.deepEqual(alert?.actions[0], { kind: "show-health" });
  await redis.restart();
  await waitFor("it to go", async () => (await ofStore()).length === 0, {
    intervalMs: 200,
  });
});

test("a journal that can't be written is an alert, and stops nothing", async (t) => {
  const home = createHome(t);
  const file = join(home.directory, "journal.db");
  mkdirSync(file, { recursive: true });
  const { cwd } = await mortalServer(t);
  await runJson(["start", "web", "--cwd", cwd], { home });
  const ofJournal = async () => (await alertsOf(home, "health")).filter(({ id }) => id === "health-journal");
  await waitFor("the alert", async () => (await ofJournal()).length === 1);
  rmSync(file, { recursive: true });
  await waitFor("it to go", async () => (await ofJournal()).length === 0);
  const { entries } = await runJson<JournalPage>(["journal", "--kind", "session"], { home });
  assert.deepEqual(
    entries.map(({ event }) => event.kind === "session" && event.state.kind),
    ["starting", "ready"],
  );
});

test("an alert is snoozed and its kind turned off from the command line, for the next daemon too", async (t) => {
  const home = createHome(t);
  const { cwd, end } = await mortalServer(t);
  await runJson(["start", "web", "--cwd", cwd], { home });
  await end();
  const [alert] = await waitFor("the alert", async () => {
    const found = await alertsOf(home, "server");
    return found.length > 0 && found;
  });
  const snoozed = await runCli(["alerts", "snooze", alert?.id ?? "", "--for", "2h"], { home });
  assert.match(snoozed.stdout, /snoozed until \d{4}-/);
  await runJson(["alerts", "mute", "lock"], { home });
  await runJson(["daemon", "stop"], { home });
  const { alerts, muted } = await runJson<AlertBoard>(["alerts"], { home });
  assert.deepEqual(muted, ["lock"]);
  const again = alerts.find(({ id }) => id === alert?.id);
  assert.ok((again?.snoozedUntil ?? 0) > Date.now() + 3_600_000);
  assert.deepEqual((await runJson<AlertBoard>(["alerts", "unmute", "lock"], { home })).muted, []);
  for (const args of [["snooze"], ["snooze", "nothing"], ["mute", "everything"], ["list", "x"]])
    assert.equal((await runCli(["alerts", ...args], { home })).code, 2, args.join(" "));
});
