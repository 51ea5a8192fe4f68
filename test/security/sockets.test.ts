import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { locateHome } from "../../shared/client/home.ts";
import { readDaemonState } from "../../shared/client/state-file.ts";
import { runProgram } from "../support/child.ts";
import { connectTo } from "../support/daemon.ts";
import { userEnv } from "../support/env.ts";
import { createHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { endProcesses, processesWith, signalProcess } from "../support/processes.ts";

const stranger = 65_534;
const onWindows = process.platform === "win32" ? "Windows has no unix sockets here" : false;
const skip =
  process.platform === "linux" && process.getuid?.() === 0
    ? false
    : "only root can start a process of another user, and only Linux tells whose it is";

/** What a process of `uid` hears that connects and asks for a WebSocket. */
async function heardAs(uid: number, socketPath: string): Promise<string> {
  const script = `
    const socket = require("node:net").connect(${JSON.stringify(socketPath)});
    let heard = "";
    socket.on("error", (error) => { heard = error.code; });
    socket.on("data", (data) => { heard += data; socket.destroy(); });
    socket.on("close", () => process.stdout.write(heard || "closed"));
    socket.write("GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n" +
      "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\n\\r\\n");
  `;
  const child = spawn(process.execPath, ["-e", script], {
    uid,
    gid: uid,
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const piece of child.stdout) text += String(piece);
  return text;
}

test("the daemon hangs up on another user's process that its socket's mode let in", { skip }, async (t) => {
  const home = createHome(t);
  const connection = await connectTo(home);
  t.after(() => connection.dispose());
  const socketPath = join(home.directory, "daemon.sock");
  assert.equal(lstatSync(socketPath).mode & 0o077, 0);
  assert.equal(await heardAs(stranger, socketPath), "EACCES");
  chmodSync(home.directory, 0o711);
  chmodSync(socketPath, 0o777);
  assert.match(await heardAs(stranger, socketPath), /^(closed|ECONNRESET|EPIPE)$/);
  assert.match(await heardAs(0, socketPath), /^HTTP\/1\.1 101/);
});

test("the socket of a home too deep for one is in a directory with a random name, found by all", {
  skip: onWindows,
}, async (t) => {
  const top = mkdtempSync(join(realpathSync(tmpdir()), "dl-deep-"));
  const home = join(top, "a-rather-long-name-of-a-directory".repeat(4));
  const temporary = join(top, "tmp");
  mkdirSync(temporary, { mode: 0o700 });
  const { XDG_RUNTIME_DIR: _, ...env } = { ...userEnv({ DEVLATCH_HOME: home, TMPDIR: temporary }) };
  t.after(async () => {
    await endProcesses(() => processesWith("DEVLATCH_HOME", home));
    rmSync(top, { recursive: true, force: true });
  });
  const cli = (args: readonly string[]) =>
    runProgram(process.execPath, [join(repository, "dist/devlatch.js"), ...args], { env });
  assert.equal((await cli(["daemon", "start"])).code, 0);
  const address = readDaemonState(locateHome(env))?.address;
  assert.ok(address && "socketPath" in address);
  assert.equal(dirname(dirname(address.socketPath)), temporary);
  assert.match(basename(dirname(address.socketPath)), /^devlatch-\w{6}$/);
  assert.equal(lstatSync(dirname(address.socketPath)).mode & 0o777, 0o700);
  assert.equal((await cli(["daemon", "status"])).code, 0);
  // Killed, it leaves its socket; the next one takes that along and goes elsewhere.
  for (const daemon of processesWith("DEVLATCH_HOME", home)) signalProcess(daemon, "SIGKILL");
  await endProcesses(() => processesWith("DEVLATCH_HOME", home));
  assert.ok(lstatSync(address.socketPath).isSocket());
  assert.equal((await cli(["daemon", "start"])).code, 0);
  const made = readdirSync(temporary).filter((name) => name.startsWith("devlatch-"));
  assert.equal(made.length, 1);
  assert.equal((await cli(["daemon", "stop"])).code, 0);
});
