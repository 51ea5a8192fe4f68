import type { ProcessIdentity, ProcessView } from "../../../shared/model/process.ts";
import { access, readBlock, withProcess } from "./open-process.ts";
import { readEnvironment } from "./process-block.ts";
import type { Win32 } from "./win32.ts";

/** What processes say of themselves: command line, directory, environment; and whose they are. */
export class ProcessViews {
  readonly #win32: Win32;
  /** By SID, in hexadecimal digits: asking for a name may go over the network. */
  readonly #userNames = new Map<string, string | undefined>();
  #ownSid: string | undefined;

  constructor(win32: Win32) {
    this.#win32 = win32;
  }

  /** @returns undefined where it has ended, or may not be opened */
  of({ pid, startTime }: ProcessIdentity): ProcessView | undefined {
    const opened = withProcess(this.#win32, pid, access.query | access.readMemory, (found) => {
      if (found.startTime !== startTime) return undefined;
      const block = readBlock(this.#win32, found.handle)?.block;
      const user = this.#userName(this.#win32.userSid(found.handle));
      return block && { block, user };
    });
    if (typeof opened === "string" || opened.found === undefined) return undefined;
    const { block, user } = opened.found;
    return {
      ...{ pid, startTime, command: block.command, cwd: block.cwd },
      ...(user === undefined ? {} : { user }),
    };
  }

  /**
   * The variables of a process of this user, by name in capitals.
   * @returns undefined where it has ended, is another user's, or can't be read
   */
  ownVariables({ pid, startTime }: ProcessIdentity): ReadonlyMap<string, string> | undefined {
    const opened = withProcess(this.#win32, pid, access.query | access.readMemory, (found) => {
      if (found.startTime !== startTime) return undefined;
      if (this.#win32.userSid(found.handle)?.toString("hex") !== this.#own()) return undefined;
      const read = readBlock(this.#win32, found.handle);
      return read && readEnvironment(read.block, read.read);
    });
    return typeof opened === "string" ? undefined : opened.found;
  }

  #own(): string | undefined {
    this.#ownSid ??= this.#win32.userSid(this.#win32.getCurrentProcess())?.toString("hex");
    return this.#ownSid;
  }

  #userName(sid: Buffer | undefined): string | undefined {
    if (sid === undefined) return undefined;
    const key = sid.toString("hex");
    if (!this.#userNames.has(key)) this.#userNames.set(key, this.#win32.lookupAccountSid(sid));
    return this.#userNames.get(key);
  }
}
