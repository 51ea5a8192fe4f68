import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Cleanups } from "../../../daemon/cleanup/cleanups.ts";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import type { Caller } from "../../../daemon/holders/callers.ts";
import { Fights } from "../../../daemon/holders/fights.ts";
import { Holders } from "../../../daemon/holders/holders.ts";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import { Holding, type HoldingDependencies } from "../../../daemon/servers/holding.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import type { RecordStore } from "../../../daemon/store/store.ts";
import { performCleanup } from "../../../daemon/wiring/cleanups.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import type { CleanupTask } from "../../../shared/model/cleanup.ts";
import { silentLog } from "../../support/log.ts";
import { waitFor } from "../../support/wait.ts";

const processes = createProcesses();
const web = { sandboxId: "sb_0123456789abcdef", app: "web" };

/** A daemon's holders and cleanups over a real store that is away when told. */
async function daemonIn(t: TestContext, directory: string) {
  const state = { away: false, session: "stopped" as "stopped" | "ready" };
  const store = await openSqliteStore({ file: join(directory, "store.db") });
  t.after(() => store.close());
  const records: RecordStore = new Proxy(store.records, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (state.away) throw new DevlatchError("STORE_UNAVAILABLE", "The store is away.", "Wait.");
        return member.apply(target, args);
      };
    },
  });
  const holders = new Holders({
    ...{ records, processes, log: silentLog, machineId: "here", machine: "here" },
    isStopped: () => state.session === "stopped",
    now: () => store.now(),
  });
  t.after(() => holders.dispose());
  await holders.begin();
  const record = () => ({ state: { kind: state.session, since: Date.now() } });
  const sessions = { registry: { peek: record, read: async () => record() } };
  const perform = (task: CleanupTask, signal: AbortSignal) =>
    performCleanup({ sessions, holders } as unknown as Parameters<typeof performCleanup>[0], task, signal);
  const file = join(directory, "cleanups.json");
  const cleanups = new Cleanups({ file, perform, log: silentLog, now: Date.now, pauseMs: 20 });
  t.after(() => cleanups.dispose());
  const registry = sessions.registry as unknown as HoldingDependencies["registry"];
  const fights = new Fights(() => performance.now());
  const workspace = createWorkspace();
  const holding = new Holding({ holders, fights, registry, processes, workspace, cleanups, log: silentLog });
  return { state, holders, cleanups, holding };
}

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "dl-forgetting-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function callerNamed(label: string): Promise<Caller> {
  const self = await processes.identify(process.pid);
  assert.ok(self);
  return { ...self, kind: "agent", label };
}

test("the store is away when a session was stopped: who used it is forgotten when it is back", async (t) => {
  const { state, holders, cleanups, holding } = await daemonIn(t, place(t));
  await cleanups.begin();
  await holders.join(web, await callerNamed("one"));
  state.away = true;
  await holding.forget(web);
  await waitFor("a further try", () => (cleanups.list()[0]?.failures ?? 0) > 1);
  const [open] = cleanups.list();
  assert.deepEqual(
    [open?.what, open?.thing, open?.error?.message],
    ["forget who used", `web in ${web.sandboxId}`, "The store is away."],
  );
  assert.equal(holders.of(web).length, 1);
  state.away = false;
  await waitFor("it to be done", () => cleanups.list().length === 0);
  assert.deepEqual(holders.of(web), []);
});

test("the daemon ends before the store is back: the next one forgets them", async (t) => {
  const directory = place(t);
  const first = await daemonIn(t, directory);
  await first.holders.join(web, await callerNamed("one"));
  first.state.away = true;
  await first.holding.forget(web);
  first.cleanups.dispose();
  const next = await daemonIn(t, directory);
  assert.equal(next.holders.of(web).length, 1);
  await next.cleanups.begin();
  assert.deepEqual([next.holders.of(web), next.cleanups.list()], [[], []]);
});

test("it was started again meanwhile: who uses it now stays, who used it before is forgotten first", async (t) => {
  const { state, holders, cleanups, holding } = await daemonIn(t, place(t));
  await holders.join(web, await callerNamed("before"));
  state.away = true;
  await holding.forget(web);
  state.away = false;
  await holding.whileStarting(web, { ...(await callerNamed("now")), kind: "window" }, async () => {
    state.session = "ready";
  });
  const labels = () => holders.of(web).map(({ label }) => label);
  assert.deepEqual([labels(), cleanups.list()], [["now"], []]);
  // Owed once more and too late: a caller uses it.
  cleanups.owe(
    { what: "forget who used", thing: "web", task: { kind: "forget-holders", ...web } },
    new Error(),
  );
  await cleanups.begin();
  await waitFor("it to be settled", () => cleanups.list().length === 0);
  assert.deepEqual(labels(), ["now"]);
});
