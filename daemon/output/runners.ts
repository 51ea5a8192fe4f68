import type { Head } from "./signals.ts";

/** `vite --port 5173 exited with code 1`, `… exited with code SIGKILL`. */
const exited = /^(.{1,900}) exited with code (\d{1,10}|SIG[A-Z\d]{1,8})$/;
/** Signals that end what is stopped on purpose. */
const asked = /^(?:0|SIGINT|SIGTERM|SIGHUP)$/;
/** How a program begins that tells of a process of its own; a command begins with that of an executable. */
const ownProcess = /^(?:[[(<]|(?:the|an?|child|worker|process|subprocess|job|task|script|command|server)\b)/i;

/** What `concurrently` says of the command that one part of a server runs. */
export class PartRunner {
  #exited: string | undefined;

  /** @param line one that carried the part's name */
  read(line: string): Head | undefined {
    const [, command, code] = exited.exec(line) ?? [];
    if (command !== undefined && code !== undefined) {
      this.#exited = command;
      if (asked.test(code) || ownProcess.test(command)) return undefined;
      return { is: "failed", tool: "concurrently", message: `Exited with code ${code}` };
    }
    const isRestart = this.#exited !== undefined && line === `${this.#exited} restarted`;
    return isRestart ? { is: "restarted" } : undefined;
  }
}
