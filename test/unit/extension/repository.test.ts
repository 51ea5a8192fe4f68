import assert from "node:assert/strict";
import { test } from "node:test";
import { StateRepository, type StateSource } from "../../../extension/state/repository.ts";
import type { Folder } from "../../../extension/state/window-state.ts";
import { withDeadline } from "../../../shared/base/deadline.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import { noAlerts } from "../../../shared/model/alert.ts";
import { noConcurrency } from "../../../shared/model/concurrency.ts";
import type { SandboxView } from "../../../shared/model/sandbox.ts";
import type { Snapshot } from "../../../shared/model/snapshot.ts";
import { disconnected, sandbox, session, states, summary } from "./samples.ts";

/** A daemon and a workspace in memory: what the repository hears, by hand. */
class World {
  readonly linkChanged = new Emitter<StateSource["link"]>();
  readonly snapshotChanged = new Emitter<Snapshot>();
  readonly trustGranted = new Emitter<void>();
  readonly foldersChanged = new Emitter<void>();
  readonly filesChanged = new Emitter<void>();
  link: StateSource["link"] = { kind: "connected" };
  folders: Folder[] = [{ name: "shop", path: "/work/shop" }];
  trusted = true;
  asked: string[] = [];
  describe: (cwd: string) => Promise<SandboxView> = async () => sandbox([summary("web")]);
  /** What the files say, where they are asked at all. */
  files: ((cwd: string) => Promise<SandboxView>) | undefined;
  readonly repository: StateRepository;

  constructor(given: Partial<World> = {}) {
    Object.assign(this, given);
    const world = this;
    const source: StateSource = {
      get link() {
        return world.link;
      },
      snapshot: undefined,
      onLinkChanged: this.linkChanged.event,
      onSnapshotChanged: this.snapshotChanged.event,
      describe: (cwd) => {
        this.asked.push(cwd);
        return this.describe(cwd);
      },
    };
    const workspace = {
      get trusted() {
        return world.trusted;
      },
      get folders() {
        return world.folders;
      },
      onTrustGranted: this.trustGranted.event,
      onFoldersChanged: this.foldersChanged.event,
      onProjectFileChanged: this.filesChanged.event,
    };
    const { files } = this;
    this.repository = new StateRepository(source, workspace, files && { describe: files });
  }

  setLink(link: StateSource["link"]): void {
    this.link = link;
    this.linkChanged.fire(link);
  }

  settled() {
    return this.repository.settled(withDeadline(2000, "settling"));
  }
}

const snapshot = (given: Partial<Snapshot> = {}): Snapshot => ({
  epoch: "e",
  revision: 1,
  sessions: [],
  locks: [],
  locksAt: 0,
  health: null,
  concurrency: noConcurrency,
  alerts: noAlerts,
  ...given,
});

test("the folders are described as soon as the daemon is reached", async (t) => {
  const world = new World({ link: { kind: "connecting" } });
  t.after(() => world.repository.dispose());
  assert.deepEqual(world.asked, []);
  world.setLink({ kind: "connected" });
  const state = await world.settled();
  assert.deepEqual(
    state.folders[0]?.sandbox?.apps.map(({ app }) => app),
    ["web"],
  );
});

test("the ages of locks count from when the daemon read them, however late a window hears of them", (t) => {
  const world = new World();
  t.after(() => world.repository.dispose());
  world.snapshotChanged.fire(snapshot({ locksAt: 7_000 }));
  assert.equal(world.repository.current.locksAt, 7_000);
});

test("a snapshot changes the state at once", (t) => {
  const world = new World();
  t.after(() => world.repository.dispose());
  const heard: string[] = [];
  world.repository.onChanged((state) => heard.push(state.sessions[0]?.state.kind ?? "none"));
  world.snapshotChanged.fire(snapshot({ sessions: [session("web", states.ready)] }));
  assert.deepEqual(heard, ["ready"]);
});

test("after a reconnect the folders are described anew; until then the old description stays", async (t) => {
  const world = new World();
  t.after(() => world.repository.dispose());
  await world.settled();
  world.setLink(disconnected);
  assert.equal(world.repository.current.folders[0]?.sandbox?.apps.length, 1);
  world.describe = async () => sandbox([summary("web"), summary("mobile")]);
  world.setLink({ kind: "connected" });
  await world.repository.until(
    ({ folders }) => folders[0]?.sandbox?.apps.length === 2,
    withDeadline(2000, "the new description"),
  );
});

test("many changed files lead to one new description, once they are quiet", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const world = new World();
  t.after(() => world.repository.dispose());
  for (let file = 0; file < 5; file++) {
    world.filesChanged.fire();
    t.mock.timers.tick(200);
  }
  assert.equal(world.asked.length, 1);
  t.mock.timers.tick(300);
  assert.equal(world.asked.length, 2);
});

test("an answer of an earlier round can't overwrite a later one", async (t) => {
  const first = Promise.withResolvers<SandboxView>();
  const world = new World({ describe: () => first.promise });
  t.after(() => world.repository.dispose());
  world.describe = async () => sandbox([summary("mobile")]);
  world.setLink({ kind: "connected" });
  await world.settled();
  first.resolve(sandbox([summary("web")]));
  await first.promise;
  await Promise.resolve();
  assert.deepEqual(
    world.repository.current.folders[0]?.sandbox?.apps.map(({ app }) => app),
    ["mobile"],
  );
});

test("a folder that can't be described shows why, and the others are there", async (t) => {
  const world = new World({
    folders: [
      { name: "shop", path: "/work/shop" },
      { name: "gone", path: "/work/gone" },
    ],
    describe: async (cwd) => {
      if (cwd.endsWith("gone")) throw new DevlatchError("DIRECTORY_MISSING", "It is gone.", "Open another.");
      return sandbox([summary("web")]);
    },
  });
  t.after(() => world.repository.dispose());
  const { folders } = await world.settled();
  assert.deepEqual(
    folders.map(({ sandbox, error }) => [sandbox?.apps.length, error?.code]),
    [
      [1, undefined],
      [undefined, "DIRECTORY_MISSING"],
    ],
  );
});

test("waiting for the daemon ends with the reason why it can't be reached", async (t) => {
  const world = new World({ link: { kind: "connecting" } });
  t.after(() => world.repository.dispose());
  const settled = world.settled();
  world.setLink(disconnected);
  await assert.rejects(settled, (error) => hasCode(error, "DAEMON_UNAVAILABLE"));
});

test("waiting ends at its deadline", async (t) => {
  const world = new World({ link: { kind: "connecting" } });
  t.after(() => world.repository.dispose());
  const waiting = world.repository.settled(withDeadline(30, "settling"));
  const keepAlive = setTimeout(() => {}, 1000);
  await assert.rejects(waiting, (error) => hasCode(error, "DEADLINE"));
  clearTimeout(keepAlive);
});

test("a folder that is added is described, what is known of the others stays", async (t) => {
  const world = new World();
  t.after(() => world.repository.dispose());
  await world.settled();
  world.folders = [...world.folders, { name: "blog", path: "/work/blog" }];
  world.foldersChanged.fire();
  assert.deepEqual(
    world.repository.current.folders.map(({ sandbox }) => sandbox !== undefined),
    [true, false],
  );
  await world.settled();
  assert.ok(world.asked.includes("/work/blog"));
});

test("granted trust is seen", (t) => {
  const world = new World({ trusted: false });
  t.after(() => world.repository.dispose());
  assert.equal(world.repository.current.trusted, false);
  world.trusted = true;
  world.trustGranted.fire();
  assert.equal(world.repository.current.trusted, true);
});

test("without a daemon the files say which apps there are; the daemon's word takes their place", async (t) => {
  const files = async () => sandbox([summary("web")], { sandboxId: "files" });
  const world = new World({ link: { kind: "connecting" }, files });
  t.after(() => world.repository.dispose());
  world.setLink(disconnected);
  const found = await world.repository.until(
    ({ folders }) => folders[0]?.isFromFiles === true,
    withDeadline(2000, "the files"),
  );
  assert.equal(found.folders[0]?.sandbox?.apps[0]?.app, "web");
  assert.deepEqual(world.asked, []);
  world.setLink({ kind: "connected" });
  const [known] = world.repository.current.folders;
  assert.equal(known?.sandbox, undefined, "what runs has other ids");
  const state = await world.settled();
  assert.deepEqual(
    [state.folders[0]?.isFromFiles, state.folders[0]?.sandbox?.sandboxId],
    [undefined, "sb_1"],
  );
  world.setLink(disconnected);
  assert.equal(world.repository.current.folders[0]?.sandbox?.sandboxId, "sb_1", "what it said stays");
});
