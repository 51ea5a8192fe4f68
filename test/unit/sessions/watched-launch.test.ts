import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostConnection } from "../../../daemon/hosts/client.ts";
import { WatchedLaunch } from "../../../daemon/sessions/watched-launch.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import type { Exit } from "../../../shared/model/exit.ts";
import type { SessionState } from "../../../shared/model/session.ts";
import { record } from "../language/texts.ts";

const hosting = { kind: "hosted", launchId: "first", directory: "/", machineId: "here" } as const;
const web = { ...record("web", { command: ["node"], cwd: "/" }), hosting };
const launch = () => new WatchedLaunch("first", web, "here");
const stopped: SessionState = { kind: "stopped", since: 2 };

/** A connection that can be closed from the other end. */
function connection() {
  const [closed, exited] = [new Emitter<void>(), new Emitter<Exit>()];
  const state = { open: true };
  const close = () => {
    if (state.open) closed.fire();
    state.open = false;
  };
  const given = {
    onClosed: closed.event,
    onNotification: (_name: string, listener: (value: { exit: Exit }) => void) =>
      exited.event((exit) => listener({ exit })),
    dispose: close,
  } as unknown as HostConnection;
  return { given, state, close, exit: () => exited.fire({ code: 0, signal: null }) };
}

test("a connection that closes is told once, and there is no contact any more", () => {
  const [watched, { given, exit, close }] = [launch(), connection()];
  let told = 0;
  watched.connected(
    given,
    () => {},
    () => told++,
  );
  assert.equal(watched.contact, "connected");
  exit();
  close();
  assert.deepEqual([told, watched.contact], [1, "none"]);
});

test("a later connection takes the place of the former one, whose end is no news", () => {
  const [watched, first, second] = [launch(), connection(), connection()];
  watched.connected(
    first.given,
    () => {},
    () => assert.fail("it was told"),
  );
  watched.connected(
    second.given,
    () => {},
    () => {},
  );
  assert.deepEqual([first.state.open, second.state.open, watched.contact], [false, true, "connected"]);
});

test("what is to be asked again is not, once there is a connection", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const watched = launch();
  let asked = 0;
  watched.again(500, () => asked++);
  watched.connected(
    connection().given,
    () => {},
    () => {},
  );
  t.mock.timers.tick(500);
  assert.equal(asked, 0);
  watched.again(500, () => asked++);
  t.mock.timers.tick(500);
  assert.deepEqual([asked, watched.contact], [1, "none"]);
});

test("with the launch its connection ends and its timer, also those that come after", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [watched, first, late] = [launch(), connection(), connection()];
  watched.connected(
    first.given,
    () => {},
    () => assert.fail("it was told"),
  );
  watched.dispose();
  watched.connected(
    late.given,
    () => {},
    () => assert.fail("it was told"),
  );
  watched.again(500, () => assert.fail("it was asked"));
  t.mock.timers.tick(500);
  assert.deepEqual([first.state.open, late.state.open], [false, false]);
});

test("a launch is over when its record says so or is of another one, nothing is being done, and nothing is connected", async () => {
  const watched = launch();
  const over = () => [web, { ...web, state: stopped }, undefined].map((current) => watched.isOver(current));
  assert.deepEqual(over(), [false, true, true]);
  assert.equal(watched.isOver({ ...web, hosting: { ...hosting, launchId: "second" } }), true);
  await watched.settle(async () =>
    assert.deepEqual([watched.isSettling, ...over()], [true, false, false, false]),
  );
  watched.connecting();
  assert.deepEqual(over(), [false, false, false]);
  watched.lost();
  assert.deepEqual([watched.isSettling, ...over()], [false, false, true, true]);
});

test("the record that is kept is that of the ready server, until it is another launch's", () => {
  const watched = launch();
  watched.see(web);
  assert.equal(watched.kept, web);
  watched.see({ ...web, hosting: { ...hosting, launchId: "second" } });
  assert.equal(watched.kept, undefined);
  watched.see({ ...web, state: { kind: "stopping", since: 2 } });
  assert.equal(watched.kept, undefined);
});
