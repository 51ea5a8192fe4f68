import type { Win32 } from "./win32.ts";

/** What a console can tell the programs on it: CTRL_C_EVENT and CTRL_BREAK_EVENT. */
type ConsoleEvent = "ctrl-c" | "ctrl-break";

const eventNumbers: Readonly<Record<ConsoleEvent, number>> = { "ctrl-c": 0, "ctrl-break": 1 };
/** In place of a process group. */
const allOnConsole = 0;
/** More on one console than that are no launch of ours. */
const mostOnConsole = 1024;

/**
 * What asks a program to end there, for a signal of POSIX, the first that works: Ctrl-C for SIGINT, else Ctrl-Break, which no
 * program is deaf to. Node tells its program of them as SIGINT and SIGBREAK. Some consoles (Wine's) know Ctrl-C alone.
 */
export function consoleEventsFor(signal: NodeJS.Signals): readonly ConsoleEvent[] {
  return signal === "SIGINT" ? ["ctrl-c"] : ["ctrl-break", "ctrl-c"];
}

let deaf = false;

/** This process is on the console for a moment, and gets the event as well. */
function becomeDeaf(win32: Win32): void {
  if (deaf) return;
  deaf = true;
  win32.ignoreCtrlC(true);
  process.on("SIGBREAK", () => {});
}

/**
 * Asks all programs on the console of a process to end, if all of them may be asked. Works from a process without a
 * console, as daemon and hosts are: one process can be on one console.
 * @param pid of a living process
 * @param mayGet whether a process on that console may be asked; called for each but this one
 * @returns the pids that were asked: none where there is no console, or one of them may not
 */
export function askConsole(
  win32: Win32,
  pid: number,
  signal: NodeJS.Signals,
  mayGet: (pid: number) => boolean,
): readonly number[] {
  if (!win32.attachConsole(pid)) return [];
  try {
    const pids = new Uint32Array(mostOnConsole);
    const count = win32.getConsoleProcessList(pids);
    if (count === 0 || count > pids.length) return [];
    const others = [...pids.subarray(0, count)].filter((one) => one !== process.pid);
    if (others.length === 0 || !others.every(mayGet)) return [];
    becomeDeaf(win32);
    const sent = consoleEventsFor(signal).some((event) =>
      win32.generateConsoleCtrlEvent(eventNumbers[event], allOnConsole),
    );
    return sent ? others : [];
  } finally {
    win32.freeConsole();
  }
}
