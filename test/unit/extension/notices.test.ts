import assert from "node:assert/strict";
import { test } from "node:test";
import { WindowPause } from "../../../extension/connection/window-pause.ts";
import { alertItem } from "../../../extension/state/alert-item.ts";
import { noticesDue, occurrence, stands } from "../../../extension/state/notices.ts";
import { alertNodes } from "../../../extension/views/alert-nodes.ts";
import { serverNodes } from "../../../extension/views/server-nodes.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import type { Link } from "../../../shared/client/live-client.ts";
import { type Alert, type AlertBoard, noAlerts } from "../../../shared/model/alert.ts";
import type { Snapshot } from "../../../shared/model/snapshot.ts";
import { clock, disconnected, now, session, states, windowState } from "./samples.ts";

const alert = (id: string, given: Partial<Alert> = {}): Alert => ({
  ...{ id, kind: "health", severity: "warning", title: `T ${id}`, message: "M.", remedy: "R.", actions: [] },
  ...{ since: now, notify: true },
  ...given,
});

const worst = alert("b", { severity: "critical" });
const stateWith = (given: Partial<AlertBoard>, link: Link = { kind: "connected" }) =>
  windowState({ board: { ...noAlerts, ...given }, link });
const due = (
  state: ReturnType<typeof stateWith>,
  notifications: "all" | "problems" | "critical" | "off",
  focused = true,
) => noticesDue(state, { focused, notifications }).map(({ id }) => id);

test("the window that the user looks at tells what no one was told, as far as they want to hear it", () => {
  const state = stateWith({ alerts: [worst, alert("a"), alert("c", { notify: false })] });
  assert.deepEqual(due(state, "all"), ["b", "a"]);
  assert.deepEqual(due(state, "problems"), ["b", "a"]);
  assert.deepEqual(due(state, "critical"), ["b"]);
  assert.deepEqual(due(state, "off"), []);
  assert.deepEqual(due(state, "all", false), []);
});

test("nothing is told while notifications are paused, or of what a daemon that is gone said", () => {
  const alerts = [worst];
  assert.deepEqual(due(stateWith({ alerts, pause: { kind: "while-connected" } }), "all"), []);
  assert.deepEqual(due(stateWith({ alerts, pause: { kind: "until", time: now + 1 } }), "all"), []);
  assert.deepEqual(due(stateWith({ alerts }, disconnected), "all"), []);
});

test("an alert that went, or went and came back, is not the one that was to be told", () => {
  const state = stateWith({ alerts: [alert("a", { since: now + 5 })] });
  assert.equal(stands(state, alert("a")), false);
  assert.equal(stands(state, alert("a", { since: now + 5 })), true);
  assert.notEqual(occurrence(alert("a")), occurrence(alert("a", { severity: "critical" })));
});

test("the status bar counts what isn't silenced, and is red for the worst", () => {
  assert.equal(alertItem(stateWith({})), undefined);
  const snoozed = alert("s", { snoozedUntil: now + 1 });
  const one = alertItem(stateWith({ alerts: [alert("a", { notify: false }), snoozed] }));
  assert.deepEqual([one?.text, one?.isCritical], ["$(bell) 1", false]);
  const two = alertItem(stateWith({ alerts: [worst, alert("a")], pause: { kind: "while-connected" } }));
  assert.deepEqual([two?.text, two?.isCritical], ["$(bell-slash) 2", true]);
  assert.match(two?.tooltip ?? "", /Notifications are paused/);
  assert.equal(alertItem(stateWith({ alerts: [alert("a")], muted: ["health"] })), undefined);
  assert.equal(alertItem(stateWith({ alerts: [worst] }, disconnected)), undefined);
});

test("only this workspace's alerts, and the machine's, ring the bell; it leads to where the first stands", () => {
  const ours = alert("o", { kind: "server", sandboxIds: ["sb_1"], session: "sb_1/web" });
  const theirs = alert("t", {
    kind: "server",
    severity: "critical",
    sandboxIds: ["sb_2"],
    session: "sb_2/web",
  });
  assert.equal(alertItem(stateWith({ alerts: [theirs] })), undefined);
  const item = alertItem(stateWith({ alerts: [theirs, ours, alert("m")] }));
  assert.deepEqual([item?.text, item?.isCritical, item?.view], ["$(bell) 2", false, "servers"]);
});

test("a server's alert has one place, its row: under Other Workspaces where it is another's", () => {
  const theirs = alert("t", { kind: "server", sandboxIds: ["sb_2"], session: "sb_2/web" });
  const elsewhere = { sandboxId: "sb_2", root: "/work/blog" };
  const sessions = [session("web", states.failed, elsewhere), session("api", states.failed, elsewhere)];
  const state = windowState({ sessions, board: { ...noAlerts, alerts: [theirs] } });
  const group = serverNodes(state, clock).at(-1);
  assert.deepEqual([group?.label, group?.description], ["Other Workspaces", "1 failed"]);
  assert.deepEqual(
    group?.children?.map(({ label, contextValue }) => [label, contextValue]),
    [["web", "server.failed"]],
  );
  assert.deepEqual(alertNodes(state, clock), [], "not in the Health view, too");
});

test("the Health view shows alerts on top, with the way out, and until when they are snoozed", () => {
  const nodes = alertNodes(stateWith({ alerts: [worst, alert("s", { snoozedUntil: now + 9 })] }), clock);
  assert.deepEqual(
    nodes.map(({ label, description, icon, alert: id }) => [label, description, icon?.name, id]),
    [
      ["T b", "M.", "error", "b"],
      ["T s", `snoozed until T${now + 9}`, "bell-slash", "s"],
    ],
  );
  assert.match(nodes[0]?.tooltip ?? "", /since T1000000.*R\./s);
  assert.deepEqual(alertNodes(stateWith({ alerts: [worst] }, disconnected), clock), []);
});

test("a window's pause is asked for again after a reconnect, unless another window resumed meanwhile", async (t) => {
  const links = new Emitter<Link>();
  const snapshots = new Emitter<Snapshot>();
  const asked: string[] = [];
  const wire = {
    link: { kind: "connected" } as Link,
    onLinkChanged: links.event,
    onSnapshotChanged: snapshots.event,
    request: async (method: string) => void asked.push(method) as never,
  };
  const pause = new WindowPause(wire as never);
  t.after(() => pause.dispose());
  const reconnect = async () => {
    for (const kind of ["connecting", "connected"] as const) {
      wire.link = { kind };
      // The snapshot of a daemon that wasn't asked yet comes before the link stands.
      if (kind === "connecting") snapshots.fire({ alerts: noAlerts } as Snapshot);
      links.fire(wire.link);
    }
    await new Promise(setImmediate);
  };
  await reconnect();
  assert.deepEqual(asked, []);
  await pause.begin();
  await reconnect();
  await reconnect();
  assert.deepEqual(asked, ["alerts/pause", "alerts/pause", "alerts/pause"]);
  snapshots.fire({ alerts: noAlerts } as Snapshot);
  await reconnect();
  assert.equal(asked.length, 3);
});
