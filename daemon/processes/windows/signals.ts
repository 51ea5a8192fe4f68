import type { ProcessIdentity, ProcessView } from "../../../shared/model/process.ts";
import { markOf } from "../marks.ts";
import { keyOf } from "../pid-history.ts";
import { refusal } from "../send-signal.ts";
import { askConsole } from "./console-signals.ts";
import { access, type Opened, type OpenProcess, withProcess } from "./open-process.ts";
import type { ProcessViews } from "./process-views.ts";
import type { Win32 } from "./win32.ts";

/** The exit code of what is ended by force, as Node has it for its own children. */
const killedCode = 1;
/** All on a console are asked at once: within this time those of one stop aren't asked again, in milliseconds. */
const askedMs = 2_000;

/**
 * Signals as far as Windows has something like them: SIGKILL ends, SIGSTOP and SIGCONT suspend and resume, and what asks a
 * program to end is an event of its console, which all on it get at once (see `askConsole`). A program without a console
 * can't be asked.
 */
export class Signals {
  readonly #win32: Win32;
  readonly #views: ProcessViews;
  /** When processes were asked, by signal and process, in milliseconds on the monotonic clock. */
  readonly #asked = new Map<string, number>();

  constructor(win32: Win32, views: ProcessViews) {
    this.#win32 = win32;
    this.#views = views;
  }

  /**
   * @returns false if it no longer lives, or can't be asked
   * @throws DevlatchError `CONSENT_REQUIRED` where Windows refuses
   */
  async send(
    target: ProcessIdentity,
    signal: NodeJS.Signals,
    describe: (target: ProcessIdentity) => Promise<ProcessView>,
  ): Promise<boolean> {
    const done = this.#act(target, signal);
    if (done !== "denied") return done === "done";
    throw refusal(await describe(target), undefined);
  }

  /** The same without a word where it isn't done. */
  sendAtOnce(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
    return this.#act(target, signal) === "done";
  }

  #act(target: ProcessIdentity, signal: NodeJS.Signals): "done" | "not" | "denied" {
    switch (signal) {
      case "SIGKILL":
        return this.#with(target, access.terminate, ({ handle }) =>
          this.#win32.terminateProcess(handle, killedCode),
        );
      case "SIGSTOP":
        return this.#with(
          target,
          access.suspendResume,
          ({ handle }) => this.#win32.ntSuspendProcess(handle) === 0,
        );
      case "SIGCONT":
        return this.#with(
          target,
          access.suspendResume,
          ({ handle }) => this.#win32.ntResumeProcess(handle) === 0,
        );
      default:
        return this.#with(target, 0, () => this.#ask(target, signal));
    }
  }

  /** Through the open process, so that it can be no other. */
  #with(target: ProcessIdentity, rights: number, work: (process: OpenProcess) => boolean) {
    const opened: Opened<boolean> = withProcess(this.#win32, target.pid, rights, (found) =>
      found.startTime === target.startTime ? work(found) : false,
    );
    if (opened === "denied") return "denied";
    return opened !== "gone" && opened.found ? "done" : "not";
  }

  /** Only where all on its console are of the same launch: another program there is no business of ours. */
  #ask(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
    const now = performance.now();
    for (const [key, at] of this.#asked) if (now - at > askedMs) this.#asked.delete(key);
    if (this.#asked.has(`${signal} ${keyOf(target)}`)) return true;
    const mark = this.#markOf(target.pid);
    if (mark === undefined) return false;
    const got = askConsole(this.#win32, target.pid, signal, (pid) => this.#markOf(pid) === mark);
    for (const pid of got) {
      const startTime = this.#startTime(pid);
      if (startTime !== undefined) this.#asked.set(`${signal} ${keyOf({ pid, startTime })}`, now);
    }
    return got.includes(target.pid);
  }

  #markOf(pid: number): string | undefined {
    const startTime = this.#startTime(pid);
    const variables = startTime === undefined ? undefined : this.#views.ownVariables({ pid, startTime });
    return variables && markOf((name) => variables.get(name));
  }

  #startTime(pid: number): string | undefined {
    const opened = withProcess(this.#win32, pid, 0, ({ startTime }) => startTime);
    return typeof opened === "string" ? undefined : opened.found;
  }
}
