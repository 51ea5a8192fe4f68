import { t } from "@vscode/l10n";
import { plainText } from "../base/plain-text.ts";
import type { SessionError, StartPhase } from "./session.ts";
import { placesIn } from "./source-place.ts";

/** How far a start has come, in words. */
export function phaseWords(phase: StartPhase): string {
  const words: Readonly<Record<StartPhase, string>> = {
    launching: t("launching"),
    spawned: t("process runs, waiting for it to listen"),
    listening: t("port open"),
    responding: t("port open, no answer yet"),
  };
  return words[phase];
}

/** A start that takes longer than this is slow, in milliseconds. */
export const slowStartMs = 60_000;

/** Longest part of a line that is looked at, in characters. */
const longestLine = 400;

/** Errors that say more than the last lines of the output: who has the port, what grew. */
const sayMore: ReadonlySet<string> = new Set([
  "PORT_CONFLICT",
  "LIMIT_EXCEEDED",
  "COMMAND_NOT_FOUND",
  "DIRECTORY_MISSING",
]);

/** Of all that is known of a failure the one line that says most, with its files as seen from the server's directory. */
export function usefulLine({ code, message, logTail }: SessionError, cwd: string): string {
  if (sayMore.has(code)) return oneLine(message, cwd);
  const [only, ...more] = logTail;
  // What was understood of its output stands there alone.
  if (only !== undefined && more.length === 0) return oneLine(only, cwd);
  const said = logTail.findLast((line) =>
    /error|exception|cannot|not found|EADDR|refused|denied/i.test(line),
  );
  const line = oneLine(said ?? message, cwd);
  const place = said === undefined ? undefined : ownPlace(logTail, cwd);
  return place === undefined || line.includes(place) ? line : `${line} (${place})`;
}

/** The first file of the server's own that the lines name with a line number: `crash.js:3`. */
function ownPlace(lines: readonly string[], cwd: string): string | undefined {
  for (const line of lines) {
    for (const { place } of placesIn(line)) {
      const isOwn = place.file.startsWith(`${cwd}/`) && !place.file.includes("/node_modules/");
      if (isOwn) return `${plainText(place.file.slice(cwd.length + 1))}:${place.line}`;
    }
  }
  return undefined;
}

function oneLine(text: string, cwd: string): string {
  const [line = ""] = text.trim().split("\n");
  return plainText(line.slice(0, longestLine).replaceAll(`${cwd}/`, ""));
}
