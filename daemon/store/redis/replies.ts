import { DevlatchError } from "../../../shared/base/errors.ts";
import { recordConflict } from "../conflict.ts";
import type { Reply } from "./scripts.ts";

/** The one place where a script's code becomes an error. Codes that aren't here are answers. */
const errorsByCode: Readonly<Record<string, (subject: string, reply: Reply) => DevlatchError>> = {
  cancelled: (subject) =>
    new DevlatchError(
      "CANCELLED",
      `This request for the lock ${subject} was already released or given up.`,
      "Ask again with a new token.",
    ),
  conflict: (subject, [, found]) => recordConflict(subject, found),
};

/**
 * Lets answers through and throws what stands for an error.
 * @param subject the key the script was about, for the message
 */
export function checkReply(subject: string, reply: Reply): Reply {
  const toError = errorsByCode[reply[0]];
  if (toError !== undefined) throw toError(subject, reply);
  return reply;
}
