import { type PortFlag, parsePort } from "./port-flags.ts";
import { programName } from "./programs.ts";

/** The port Django's `runserver` takes when nothing is said. */
export const runserverPort = 8000;

const managers = /^(?:manage\.py|django-admin(?:\.py)?)$/;

/**
 * The place of the port in `manage.py runserver [ADDRESS:]PORT`, which takes it without a flag and doesn't read `PORT`; undefined
 * in any other command.
 */
export function findRunserver(command: readonly string[]): PortFlag | undefined {
  const at = command.indexOf("runserver");
  const manages = command.slice(0, Math.max(0, at)).some((word) => managers.test(programName(word)));
  if (at < 0 || !manages) return undefined;
  const found = command.findIndex((word, index) => index > at && place.test(word));
  const value = found < 0 ? "" : (command[found] ?? "");
  const [, address = "", digits] = place.exec(value) ?? [];
  return {
    port: parsePort(digits) ?? (value === "" ? runserverPort : undefined),
    value,
    start: found < 0 ? command.length : found,
    count: found < 0 ? 0 : 1,
    write: (port) => [`${address}${port}`],
  };
}

const place = /^((?:[\w.-]+|\[[\da-fA-F:]+\]):)?(\d{1,5})$/;
