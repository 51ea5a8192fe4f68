import { pause, runWithDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError, toErrorShape } from "../../shared/base/errors.ts";
import type { Finding, FixOutcome } from "../../shared/model/doctor.ts";
import type { Check, Suspect } from "./check.ts";

/** How long one look of one check may take, in milliseconds. */
const lookMs = 8_000;
/** How often something must be seen to be a finding, and the pause between two looks, in milliseconds. */
const looks = 3;
const pauseMs = 700;

/** What the doctor was asked to do about a finding. */
export interface Tried extends Pick<Suspect, "summary" | "action"> {
  /** Why it didn't work, in words; absent where it did. */
  readonly failure?: string;
}

/**
 * Finds what is left over. On a busy system much looks like that for a moment (a host that has ended, and whose record
 * is just being written), so only what stays the very same over several looks is told.
 */
export class Doctor {
  readonly #checks: readonly Check[];
  readonly #knowsAll: () => boolean;
  readonly #onTried: (tried: Tried) => void;

  /** @param knowsAll whether all records were read: without them every server looks like one that is on no record */
  constructor(
    checks: readonly Check[],
    knowsAll: () => boolean = () => true,
    onTried: (tried: Tried) => void = () => {},
  ) {
    this.#checks = checks;
    this.#knowsAll = knowsAll;
    this.#onTried = onTried;
  }

  /** @throws the signal's reason */
  async examine(signal: AbortSignal): Promise<readonly Finding[]> {
    if (!this.#knowsAll()) {
      const { message, remedy } = recordsUnread();
      return [{ check: "leftovers", level: "warning", summary: message, remedy }];
    }
    const findings = await Promise.all(this.#checks.map((check) => confirmed(check, signal)));
    return findings.flat();
  }

  /**
   * Removes what a finding names, if it is still there.
   * @throws DevlatchError why it can't be removed, or `STOP_INCOMPLETE` where it is there all the same;
   *   `STORE_UNAVAILABLE` while not all records could be read
   */
  async fix(id: string, signal: AbortSignal): Promise<FixOutcome> {
    const check = this.#checks.find(({ name }) => id.startsWith(`${name}:`));
    if (!check) throw unknownFix(id);
    if (!this.#knowsAll()) throw recordsUnread();
    const find = async () => (await check.look(signal)).find((suspect) => suspect.id === id);
    const suspect = await find();
    if (!suspect) return "gone";
    try {
      await suspect.fix(signal);
      if (await find()) throw stillThere(suspect);
    } catch (error) {
      this.#onTried({ ...suspect, failure: toErrorShape(error).message });
      throw error;
    }
    this.#onTried(suspect);
    return "fixed";
  }
}

async function confirmed(check: Check, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    let seen = await look(check, signal);
    for (let times = 1; times < looks && seen.length > 0; times++) {
      await pause(pauseMs, signal);
      const again = await look(check, signal);
      const before = new Set(seen.map(({ id }) => id));
      seen = again.filter(({ id }) => before.has(id));
    }
    return seen.map((suspect) => toFinding(check, suspect));
  } catch (error) {
    signal.throwIfAborted();
    const { message, remedy } = toErrorShape(error);
    return [{ check: check.name, level: "warning", summary: `Could not be looked at: ${message}`, remedy }];
  }
}

function look(check: Check, signal: AbortSignal): Promise<readonly Suspect[]> {
  return runWithDeadline(lookMs, `The look for ${check.name}`, (inner) => check.look(inner), signal);
}

function toFinding({ name }: Check, { id, level, summary, remedy, action }: Suspect): Finding {
  return { check: name, level, summary, remedy, fix: { id, action } };
}

function recordsUnread(): DevlatchError {
  return new DevlatchError(
    "STORE_UNAVAILABLE",
    "What is left over can't be told until the store has answered: not all records could be read yet.",
    "See what is wrong with the store with: devlatch health",
  );
}

function unknownFix(id: string): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    `${JSON.stringify(id)} names nothing that the doctor finds.`,
    "See the findings, with their ids, with: devlatch doctor --json",
  );
}

function stillThere({ summary, remedy }: Suspect): DevlatchError {
  return new DevlatchError("STOP_INCOMPLETE", `It is still there after it was fixed: ${summary}`, remedy);
}
