import { DevlatchError } from "../../shared/base/errors.ts";
import { shellWord } from "../../shared/base/shell-word.ts";
import type { Exit } from "../../shared/model/exit.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { PartEnd } from "./own-part.ts";

/** Dependencies of what was launched that aren't installed. */
interface Missing {
  readonly directory: string;
  /** What installs them there. */
  readonly install: string;
  /** Those that are missing, where others are there. */
  readonly names?: readonly string[];
}

/** With what a shell ends that found no such program. */
const shellFoundNothing = 127;

/** Whether missing dependencies may be why it ended: one that was added lately is only where it is spoken of. */
function isToBlame({ names }: Missing, { code }: Exit, written: readonly string[]): boolean {
  if (names === undefined || code === shellFoundNothing) return true;
  return names.some((name) => written.some((line) => line.includes(name)));
}

/** What a launch wrote before it ended. */
export interface LastWords {
  /** The error that was understood, else the last lines. */
  readonly logTail: readonly string[];
  /** All that may say why. */
  readonly written: readonly string[];
}

/**
 * `EXITED_EARLY`.
 * @param lacking what isn't installed there
 */
export function exitedEarly(
  record: SessionRecord,
  exit: Exit,
  { logTail, written }: LastWords,
  lacking?: Missing,
): DevlatchError {
  const how = exit.signal ? `was ended by ${exit.signal}` : `exited with code ${exit.code}`;
  const nothing = logTail.length === 0 ? " It wrote nothing." : "";
  const missing = lacking && isToBlame(lacking, exit, written) ? lacking : undefined;
  const modules = missing ? ` ${missingInWords(missing)}` : "";
  const remedy = missing
    ? `Install them with: cd ${shellWord(missing.directory)} && ${missing.install}. Then: devlatch start ${record.app}`
    : `Read its output with: devlatch logs ${record.app}. Does the command work in ${record.settings.cwd} by itself?`;
  return new DevlatchError(
    "EXITED_EARLY",
    `\`${record.settings.command.join(" ")}\` ${how} before ${record.app} was ready.${nothing}${modules}`,
    remedy,
    { data: { exit, logTail } },
  );
}

/** `COMMAND_NOT_FOUND` where a server that runs couldn't be started again. */
export function notInstalled(app: string, missing: Missing): DevlatchError {
  return new DevlatchError(
    "COMMAND_NOT_FOUND",
    `${app} couldn't be started again, so it was left as it runs. ${missingInWords(missing)}`,
    `Install them with: cd ${shellWord(missing.directory)} && ${missing.install}. Then: devlatch restart ${app}`,
  );
}

function missingInWords({ directory, names }: Missing): string {
  if (names === undefined)
    return `Its dependencies aren't installed: there is no node_modules in ${directory}.`;
  const [few, more] = [names.slice(0, 3).join(", "), names.length > 3 ? ` and ${names.length - 3} more` : ""];
  return `Not all of its dependencies are installed: ${few}${more} can't be found in ${directory}.`;
}

/**
 * `EXITED_EARLY` of the app's own part of a command whose other parts run on.
 * @param logTail its last lines
 */
export function partEndedEarly(
  { app, settings }: Pick<SessionRecord, "app" | "settings">,
  { part, code }: PartEnd,
  logTail: readonly string[],
): DevlatchError {
  const [signal, number] = code.startsWith("SIG") ? [code, null] : [null, Number(code)];
  const how = signal === null ? `exited with code ${number}` : `was ended by ${signal}`;
  return new DevlatchError(
    "EXITED_EARLY",
    `\`${settings.command.join(" ")}\` starts several servers, and that of ${app}, [${part}], ${how} before it was ready.`,
    `Read its output with: devlatch logs ${app}. Does the command work in ${settings.cwd} by itself?`,
    { data: { exit: { code: number, signal }, logTail } },
  );
}
