import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { faultOf } from "../../../shared/base/believed-path.ts";
import {
  listenPrivately,
  placeSocket,
  removeSocket,
  socketPathIn,
} from "../../../shared/client/socket-place.ts";

const stranger = 65_534;
const onWindows = process.platform === "win32" ? "Windows has named pipes" : false;
const asRoot = process.getuid?.() === 0 ? onWindows : "only root can give a file to another user";

interface Place {
  readonly top: string;
  /** Short enough for a socket. */
  readonly short: string;
  /** Too long for one. */
  readonly long: string;
  readonly runtime: string;
}

/** Directories of ours, a temporary directory of its own, and the runtime directory in the environment. */
function place(t: TestContext): Place {
  const top = mkdtempSync(join(realpathSync(tmpdir()), "dls-"));
  const before = { TMPDIR: process.env["TMPDIR"], XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] };
  t.after(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(top, { recursive: true, force: true });
  });
  const long = join(top, "a-rather-long-name-of-a-directory".repeat(4));
  const [short, runtime, temporary] = [join(top, "short"), join(top, "run"), join(top, "tmp")];
  for (const directory of [long, short, runtime, temporary]) mkdirSync(directory, { mode: 0o700 });
  process.env["TMPDIR"] = temporary;
  process.env["XDG_RUNTIME_DIR"] = runtime;
  return { top, long, short, runtime };
}

/** One that ends with the test, also where that fails. */
function ownServer(t: TestContext): Server {
  const server = createServer();
  t.after(() => server.close());
  return server;
}

test("a socket is in its directory where the path is short enough", { skip: onWindows }, (t) => {
  const { short } = place(t);
  assert.equal(placeSocket(short, "s"), join(short, "s"));
  assert.equal(socketPathIn(short, "s"), join(short, "s"));
});

test("only this user may connect to a socket, whatever the umask, which stays", {
  skip: onWindows,
}, async (t) => {
  const { short } = place(t);
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const server = ownServer(t);
  await listenPrivately(server, placeSocket(short, "s"));
  assert.equal(lstatSync(join(short, "s")).mode & 0o077, 0);
  assert.equal(process.umask(0), 0);
});

test("a path that is taken fails", { skip: onWindows }, async (t) => {
  const { short } = place(t);
  writeFileSync(join(short, "s"), "");
  await assert.rejects(listenPrivately(createServer(), join(short, "s")), /EADDRINUSE/);
});

test("a socket that doesn't fit goes to the runtime directory, and is found and removed there", {
  skip: onWindows,
}, async (t) => {
  const { long, runtime } = place(t);
  const path = placeSocket(long, "s");
  assert.equal(dirname(path), join(runtime, "devlatch"));
  assert.equal(lstatSync(dirname(path)).mode & 0o777, 0o700);
  assert.equal(socketPathIn(long, "s"), path);
  const server = ownServer(t);
  await listenPrivately(server, path);
  assert.equal(faultOf(join(long, "s"), "socket"), undefined);
  assert.equal(placeSocket(long, "s"), path, "what is there is stale");
  server.close();
  removeSocket(long, "s");
  assert.deepEqual([readdirSync(long), readdirSync(dirname(path))], [[], []]);
});

for (const [what, spoil] of [
  ["that is another user's", (runtime: string) => chownSync(runtime, stranger, 0)],
  ["that others may write to", (runtime: string) => chmodSync(runtime, 0o777)],
  ["that is missing", (runtime: string) => rmSync(runtime, { recursive: true })],
  [
    "with another user's directory in our place",
    (runtime: string) => {
      mkdirSync(join(runtime, "devlatch"));
      chownSync(join(runtime, "devlatch"), stranger, 0);
    },
  ],
] as const) {
  test(`a runtime directory ${what} isn't used, but a new one with a random name`, {
    skip: asRoot,
  }, async (t) => {
    const { long, top, runtime } = place(t);
    spoil(runtime);
    const path = placeSocket(long, "s");
    assert.equal(dirname(dirname(path)), join(top, "tmp"));
    assert.match(basename(dirname(path)), /^devlatch-\w{6}$/);
    assert.equal(lstatSync(dirname(path)).mode & 0o777, 0o700);
    const server = ownServer(t);
    await listenPrivately(server, socketPathIn(long, "s"));
    assert.equal(faultOf(join(long, "s"), "socket"), undefined);
    server.close();
    assert.notEqual(placeSocket(long, "s"), path);
    assert.ok(!existsSync(dirname(path)), "the directory made for the last one is left");
    removeSocket(long, "s");
    assert.deepEqual([readdirSync(long), readdirSync(join(top, "tmp"))], [[], []]);
  });
}

test("what another user put where a socket was isn't believed, and stays as it is", { skip: asRoot }, (t) => {
  const { long, top } = place(t);
  const theirs = join(top, "tmp/devlatch-abcdef");
  mkdirSync(theirs);
  writeFileSync(join(theirs, "sock"), "");
  chownSync(theirs, stranger, 0);
  symlinkSync(join(theirs, "sock"), join(long, "s"));
  assert.equal(faultOf(join(long, "s"), "socket")?.kind, "owner");
  assert.notEqual(placeSocket(long, "s"), join(theirs, "sock"));
  assert.ok(existsSync(join(theirs, "sock")));
});

test("a temporary directory that others may write to is refused", { skip: onWindows }, (t) => {
  const { long, top } = place(t);
  delete process.env["XDG_RUNTIME_DIR"];
  chmodSync(join(top, "tmp"), 0o777);
  assert.throws(() => placeSocket(long, "s"), { code: "UNSAFE_PATH" });
  assert.deepEqual(readdirSync(join(top, "tmp")), []);
});
