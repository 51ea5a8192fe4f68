import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import type { Disposable } from "../base/disposable.ts";
import { makeHome } from "./believed-home.ts";
import type { Home } from "./home.ts";

/** A turn older than this is taken from its owner, in milliseconds: a daemon is up long before, or never. */
const longestTurnMs = 30_000;

/**
 * Takes the turn to launch this home's daemon, so that of fifty clients that find none one starts a process and the
 * others wait for it. This only saves work: that there is one daemon is the lock file's doing, so two that have the
 * turn by a race of clean-ups cost a process that exits again.
 * @returns undefined while another live client has the turn
 */
export function takeLaunchTurn(home: Home): Disposable | undefined {
  try {
    makeHome(home);
    if (!isLaunchTurnTaken(home)) rmSync(home.launchFile, { force: true });
    const file = openSync(home.launchFile, "wx", 0o600);
    writeSync(file, String(process.pid));
    closeSync(file);
    return { dispose: () => rmSync(home.launchFile, { force: true }) };
  } catch {
    if (isLaunchTurnTaken(home)) return undefined;
    // A home that can't be written or isn't believed: the launch itself says what is wrong with it.
    return { dispose: () => {} };
  }
}

/** Whether a live client has the turn, and not for too long. */
export function isLaunchTurnTaken(home: Home): boolean {
  try {
    // A file made in this very millisecond has a fraction of it; the clock has none.
    const ageMs = Date.now() - Math.floor(statSync(home.launchFile).mtimeMs);
    if (ageMs < 0 || ageMs > longestTurnMs) return false;
    const pid = Number(readFileSync(home.launchFile, "utf8"));
    // Just made and not yet written: its writer is at it.
    return pid === 0 || isAlive(pid);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
