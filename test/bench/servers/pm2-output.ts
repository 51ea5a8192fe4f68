import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { residentBytes } from "../../integration/host/hosts.ts";
import type { Owner } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";
import { installDependencies } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";
import { openPm2 } from "../stops/pm2.ts";

/** What became of output under pm2. */
export interface Pm2Flow {
  readonly seconds: number;
  readonly bytes: number;
  /** Resident memory of pm2's daemon, in bytes. */
  readonly warm: number;
  readonly end: number;
}

const last = "done\n";

/**
 * The same output as an app of pm2, which takes it through a pipe and appends it to a log file.
 * @param write a shell's command that writes it and then `done`
 */
export async function pm2Flow(
  write: string,
  warmMs: number,
  limitMs: number,
  owner: Owner,
): Promise<Pm2Flow> {
  const peers = await installDependencies("stops-peers", join(repository, "test/bench/stops/peers"));
  if (peers === undefined) throw new Error("The peers' package.json names no dependencies.");
  const start = await openPm2(peers, owner);
  const directory = mkdtempSync(join(tmpdir(), "devlatch-pm2-output-"));
  owner.after(() => rmSync(directory, { recursive: true, force: true }));
  const home = String(process.env["PM2_HOME"]);
  const log = join(home, "logs", `${basename(directory)}-out.log`);
  const begun = performance.now();
  const app = await start(["sh", "-c", `${write}; sleep 600`], directory);
  const daemon = Number(readFileSync(join(home, "pm2.pid"), "utf8"));
  let warm = residentBytes(daemon);
  const done = () => {
    if (performance.now() - begun < warmMs) warm = residentBytes(daemon);
    return endsWith(log, last);
  };
  await waitFor("the last line in pm2's log", done, { timeoutMs: limitMs, intervalMs: 20 });
  const seconds = (performance.now() - begun) / 1000;
  const end = residentBytes(daemon);
  const bytes = sizeOf(log) - last.length;
  await app.stop();
  return { seconds, bytes, warm, end };
}

function sizeOf(path: string): number {
  const file = openSync(path, "r");
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

function endsWith(path: string, text: string): boolean {
  const file = openSync(path, "a+");
  try {
    const bytes = Buffer.alloc(text.length);
    readSync(file, bytes, 0, text.length, Math.max(0, fstatSync(file).size - text.length));
    return bytes.toString() === text;
  } finally {
    closeSync(file);
  }
}
