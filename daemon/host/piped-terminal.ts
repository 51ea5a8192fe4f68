import type { Exit } from "../../shared/model/exit.ts";
import { spawnPiped } from "../processes/piped.ts";
import type { Processes } from "../processes/processes.ts";
import { notRunning, type Terminal, type TerminalCommand, toExit } from "./terminal.ts";

/** Ctrl-C as terminals send it (ETX). */
const ctrlC = "\u0003";
/** Input that may wait for a child that doesn't read, in bytes. */
const maxPendingInput = 1024 * 1024;
/** How long output may go on arriving after the leader's exit, in milliseconds: what it left behind may hold the pipes. */
const drainMs = 1_000;

/**
 * A command with pipes in place of a terminal, for systems that have no pseudo-terminals: lines can be typed, Ctrl-C
 * interrupts. There is no size, no program notices single keys, and colours are for who asks for them: FORCE_COLOR would go
 * on to all below, and what one program reads of another would be coloured (`node -p 3000`).
 * @param onOutput receives bytes as they come, lines ended as terminals want them
 * @param interrupt tells all programs on its console of Ctrl-C; called with the leader's pid
 * @throws Error where it can't be spawned
 */
export function openPipes(
  command: TerminalCommand,
  onOutput: (bytes: Buffer) => void,
  interrupt: (pid: number) => void,
): Terminal {
  const child = spawnPiped(command);
  const streams = [child.stdout, child.stderr];
  for (const stream of streams) {
    const lines = new TerminalLines();
    stream.on("data", (bytes: Buffer) => onOutput(lines.take(bytes)));
    stream.on("error", () => {});
  }
  let open = true;
  const ended = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      const settle = () => {
        open = false;
        resolve(signal === null ? toExit(code ?? 0, undefined) : { code: null, signal });
      };
      const timer = setTimeout(settle, drainMs);
      child.once("close", () => {
        clearTimeout(timer);
        settle();
      });
    });
  });
  return {
    pid: child.pid,
    kind: "pipes",
    ended,
    pause: () => streams.forEach((stream) => void stream.pause()),
    resume: () => streams.forEach((stream) => void stream.resume()),
    write: (data) => {
      if (!open) throw notRunning("The session's command has ended.");
      if (child.stdin.writableLength > maxPendingInput)
        throw notRunning("The session's command doesn't read its input.");
      if (data.includes(ctrlC)) interrupt(child.pid);
      const typed = data.replaceAll(ctrlC, "").replaceAll("\r", "\n");
      if (typed !== "") child.stdin.write(typed);
    },
    resize: () => {
      if (!open) throw notRunning("The session's command has ended.");
    },
  };
}

/** Ctrl-C, for all on the leader's console; where there is no such thing, for its process group, as a terminal does it. */
export async function interrupt(
  processes: Pick<Processes, "identify" | "list" | "signal">,
  pid: number,
): Promise<void> {
  const leader = await processes.identify(pid);
  if (leader === undefined) return;
  if (process.platform === "win32") return void (await processes.signal(leader, "SIGINT"));
  const group = (await processes.list()).filter(({ pgid, zombie }) => pgid === pid && !zombie);
  await Promise.all(group.map((member) => processes.signal(member, "SIGINT")));
}

/** Line feeds become what a terminal makes of them: a pipe has no one to do so. */
export class TerminalLines {
  #endedInReturn = false;

  take(bytes: Buffer): Buffer {
    const feeds = bytes.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0);
    const made = Buffer.alloc(bytes.length + feeds);
    let length = 0;
    let before = this.#endedInReturn ? 0x0d : 0;
    for (const byte of bytes) {
      if (byte === 0x0a && before !== 0x0d) made[length++] = 0x0d;
      made[length++] = before = byte;
    }
    this.#endedInReturn = before === 0x0d;
    return made.subarray(0, length);
  }
}
