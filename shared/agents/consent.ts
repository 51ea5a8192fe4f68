import { DevlatchError, hasCode, toErrorShape } from "../base/errors.ts";
import { shortLine } from "./answer.ts";
import type { ToolCaller } from "./caller.ts";

/** What consent is asked for. */
interface Wanted {
  /** What the agent wants, as it follows `wants to`: `stop web in /srv/shop`. */
  readonly what: string;
  /** The word that agrees: `Stop it`. */
  readonly agree: string;
  /** What a person types to do it: `devlatch stop web --yes`. */
  readonly command: string;
}

/**
 * Does something that may concern others. Where the daemon refuses it without consent, the person in front of the agent is
 * shown what it concerns and asked; an agent can't consent in a person's place.
 * @param work does it, once without consent and once with it
 * @throws DevlatchError `CONSENT_REQUIRED` where no person can be asked, or one said no; what `work` throws
 */
export async function withConsent<T>(
  caller: ToolCaller,
  wanted: Wanted,
  work: (yes: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await work(false);
  } catch (error) {
    if (!hasCode(error, "CONSENT_REQUIRED")) throw error;
    await requireConsent(caller, wanted, toErrorShape(error).message);
    return work(true);
  }
}

/**
 * Asks the person in front of the agent.
 * @param why what it concerns, in a sentence
 * @throws DevlatchError `CONSENT_REQUIRED`
 */
export async function requireConsent(
  { name, consent }: ToolCaller,
  { what, agree, command }: Wanted,
  why: string,
): Promise<void> {
  const question = { message: shortLine(`${name} wants to ${what}. ${why}`), agree };
  if (consent === undefined)
    throw refused(`${why} This client can't ask a person.`, `Leave it, or ask the person to run: ${command}`);
  if (await consent(question)) return;
  throw refused(`${why} The person said no.`, "Leave it as it is.");
}

function refused(message: string, remedy: string): DevlatchError {
  return new DevlatchError("CONSENT_REQUIRED", message, remedy);
}
