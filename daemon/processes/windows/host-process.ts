import { enterOwnJob } from "./own-job.ts";
import { loadWin32 } from "./win32.ts";

/**
 * Makes this process fit to spawn a session's command on Windows: what descends from it stays countable (see
 * `enterOwnJob`), and hears Ctrl-C. A process that was started detached, as hosts are, is deaf to that, and so is what it
 * spawns. Does nothing elsewhere, or where Windows' functions can't be reached.
 */
export function prepareHostProcess(): void {
  const win32 = loadWin32();
  if (win32 === undefined) return;
  enterOwnJob(win32);
  win32.ignoreCtrlC(false);
}
