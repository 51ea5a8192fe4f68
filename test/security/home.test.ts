import assert from "node:assert/strict";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { crc32 } from "node:zlib";
import { randomToken } from "../../shared/base/token.ts";
import { locateHome } from "../../shared/client/home.ts";
import type { DaemonState } from "../../shared/client/state-file.ts";
import { protocolRange } from "../../shared/protocol/versions.ts";
import { runProgram } from "../support/child.ts";
import { userEnv } from "../support/env.ts";
import { repository } from "../support/paths.ts";
import { processesWith } from "../support/processes.ts";

const stranger = 65_534;
const skip = process.getuid?.() === 0 ? false : "only root can give a home to another user";

/** A directory of ours that is gone at the end of the test. */
function makeTop(t: TestContext): string {
  const top = mkdtempSync(join(realpathSync(tmpdir()), "dl-home-"));
  t.after(() => rmSync(top, { recursive: true, force: true }));
  return top;
}

/** All paths in a directory, itself included. */
function within(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return [directory, ...entries.map(({ parentPath, name }) => join(parentPath, name))];
}

function looks(directory: string): Record<string, unknown> {
  const entries = within(directory).map((path) => {
    const { mode, uid, gid, mtimeMs, ino } = lstatSync(path);
    return [path, { mode, uid, gid, mtimeMs, ino }];
  });
  return Object.fromEntries(entries);
}

/** A home as a stranger would prepare it, with what pretends to be its daemon. @returns how many connected to that */
async function forgeHome(t: TestContext, directory: string): Promise<() => number> {
  const home = locateHome({ DEVLATCH_HOME: directory });
  mkdirSync(home.sessionsDirectory, { recursive: true, mode: 0o700 });
  mkdirSync(home.cacheDirectory, { mode: 0o700 });
  const socketPath = join(directory, "daemon.sock");
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  server.listen(socketPath);
  await once(server, "listening");
  t.after(() => server.close());
  const state: DaemonState = {
    pid: process.pid,
    startTime: "x",
    epoch: "e",
    version: "0",
    build: "0",
    protocol: protocolRange,
    address: { socketPath },
    startedAt: 0,
  };
  writeFileSync(home.tokenFile, `${randomToken()}\n`, { mode: 0o600 });
  writeFileSync(home.stateFile, JSON.stringify(state), { mode: 0o600 });
  return () => connections;
}

interface Case {
  readonly name: string;
  /** Makes it so that the home in `top` isn't believed. */
  readonly spoil: (home: string, top: string) => void;
  /** What the refusal names beside the home: the faulty path, its fault, the command. */
  readonly words: (home: string, top: string) => readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "that belongs to another user",
    spoil: (home) => {
      for (const path of within(home)) lchownSync(path, stranger, stranger);
    },
    words: (home) => ["belongs to another user (uid 65534)", `chown 0 ${home} (`],
  },
  {
    name: "that its group may write to",
    spoil: (home) => chmodSync(home, 0o770),
    words: (home) => ["can be written to by other users (mode 0770)", `chmod go-w ${home} (`],
  },
  {
    name: "below a directory that all may write to",
    spoil: (_home, top) => chmodSync(top, 0o777),
    words: (_home, top) => [`${top} can be written to by other users (mode 0777)`, `chmod go-w ${top} (`],
  },
  {
    name: "below a directory of another user",
    spoil: (_home, top) => lchownSync(top, stranger, stranger),
    words: (_home, top) => [`${top} belongs to another user (uid 65534)`, `chown 0 ${top} (`],
  },
  {
    name: "with a state file that all may write to",
    spoil: (home) => {
      chmodSync(join(home, "daemon.json"), 0o666);
      // It is believed, used and so filled.
      rmSync(join(home, "cache"), { recursive: true });
    },
    words: (home) => [`${home}/daemon.json: it can be written to`, `chmod go-w ${home}/daemon.json (`],
  },
];

const commandLine = join(repository, "dist/devlatch.js");

for (const { name, spoil, words } of cases) {
  test(`a home ${name} is refused by every client and daemon, and left as it is`, { skip }, async (t) => {
    const top = makeTop(t);
    const home = join(top, "home");
    const connections = await forgeHome(t, home);
    spoil(home, top);
    const before = looks(top);
    const env = userEnv({ DEVLATCH_HOME: home });
    const programs = [
      [commandLine, "status", "--json"],
      [commandLine, "start", "web", "--cwd", top, "--json", "--", "touch", join(top, "ran")],
      [commandLine, "daemon", "stop", "--json"],
      [commandLine, "diagnostics", "--json"],
      [join(repository, "dist/daemon.js")],
    ];
    for (const program of programs) {
      const { code, stdout } = await runProgram(process.execPath, program, { env });
      const { error } = JSON.parse(stdout) as { error: { code: string; message: string; remedy: string } };
      assert.equal(error.code, "UNSAFE_PATH", stdout);
      assert.equal(code, 1);
      for (const word of [home, ...words(home, top)])
        assert.ok(`${error.message} ${error.remedy}`.includes(word), `${word} is missing in ${stdout}`);
    }
    assert.equal(connections(), 0, "a client connected to a stranger");
    assert.deepEqual(looks(top), before);
    assert.deepEqual(processesWith("DEVLATCH_HOME", home), []);
  });
}

test("a host refuses a session's directory that another user could have written", { skip }, async (t) => {
  const top = makeTop(t);
  const directory = join(top, "sandbox/session");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(dirname(directory), 0o770);
  const before = looks(top);
  const spec = {
    session: "dev_server_web",
    launchId: randomToken(),
    fence: 1,
    command: ["/usr/bin/touch", join(top, "ran")],
    cwd: top,
    env: {},
    columns: 80,
    rows: 24,
    directory,
    journal: join(top, "journal.db"),
  };
  const host = [join(repository, "dist/host.js")];
  const { stdout } = await runProgram(process.execPath, host, {
    env: userEnv(),
    input: JSON.stringify(spec),
  });
  const report = JSON.parse(stdout) as { kind: string; code: string; remedy: string };
  assert.deepEqual([report.kind, report.code], ["failed", "UNSAFE_PATH"]);
  assert.ok(report.remedy.includes(`chmod go-w ${dirname(directory)} (`), report.remedy);
  assert.deepEqual(looks(top), before);
});

test("the doctor says what is wrong with a home, and changes nothing unasked", { skip }, async (t) => {
  const top = makeTop(t);
  const home = join(top, "home");
  await forgeHome(t, home);
  chmodSync(home, 0o777);
  const env = userEnv({ DEVLATCH_HOME: home });
  const before = looks(top);
  const { code, stdout } = await runProgram(process.execPath, [commandLine, "doctor"], { env });
  assert.equal(code, 1);
  assert.match(stdout, /can be written to by other users \(mode 0777\)/);
  assert.ok(stdout.includes(`chmod go-w ${home}`));
  assert.deepEqual(looks(top), before);
});

/** What the help says of the doctor, and what it is made to say: of the same length. */
const [own, forgedText] = ["what is wrong or left over", "what is wrong or sent over"];

/**
 * Forges what V8 made of the command line in `product`, so that its help says something else: V8 and Node compare the source
 * only by its length and checksum, and the cache is what its writer says it is.
 */
async function forgeCache(product: string, env: NodeJS.ProcessEnv, cache: string): Promise<void> {
  const sums = new Map<number, number>();
  const sources = readdirSync(product).map((name) => {
    const file = join(product, name);
    const source = readFileSync(file, "utf8");
    const forged = source.replaceAll(own, forgedText);
    assert.equal(forged.length, source.length);
    sums.set(crc32(forged), crc32(source));
    writeFileSync(file, forged);
    return { file, source };
  });
  await runProgram(process.execPath, [join(product, "devlatch.js"), "--help"], { env });
  for (const { file, source } of sources) writeFileSync(file, source);
  for (const path of within(cache)) {
    if (!lstatSync(path).isFile()) continue;
    const entry = readFileSync(path);
    // The checksum of the source is the fourth number of an entry (node, src/compile_cache.cc).
    entry.writeUInt32LE(sums.get(entry.readUInt32LE(12)) ?? 0, 12);
    writeFileSync(path, entry);
  }
}

test("a forged V8 cache runs nothing where the home isn't believed", { skip }, async (t) => {
  const top = makeTop(t);
  const product = join(top, "product");
  for (const name of readdirSync(join(repository, "dist")).filter((one) => one.endsWith(".js")))
    cpSync(join(repository, "dist", name), join(product, name));
  writeFileSync(join(product, "package.json"), '{ "type": "module" }\n');
  const home = join(top, "home");
  const cache = join(home, "cache");
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const env = userEnv({ DEVLATCH_HOME: home });
  await forgeCache(product, env, cache);
  const kept = join(top, "kept");
  cpSync(home, kept, { recursive: true });
  const helpIn = async () => {
    rmSync(home, { recursive: true });
    cpSync(kept, home, { recursive: true });
    return async () => {
      const cli = join(product, "devlatch.js");
      return (await runProgram(process.execPath, [cli, "--help"], { env })).stdout.trim();
    };
  };
  const inOurs = await helpIn();
  assert.match(await inOurs(), new RegExp(forgedText), "the forgery itself doesn't work any more");
  const inOpen = await helpIn();
  chmodSync(home, 0o777);
  assert.ok((await inOpen()).includes(own));
  const inStrangers = await helpIn();
  for (const path of within(home)) lchownSync(path, stranger, stranger);
  assert.ok((await inStrangers()).includes(own));
  const inOpenCache = await helpIn();
  chmodSync(cache, 0o777);
  assert.ok((await inOpenCache()).includes(own));
});
