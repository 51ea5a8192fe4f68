import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import { readRegularFileSync } from "../base/regular-file.ts";
import type { Home } from "../client/home.ts";
import { readToken } from "../client/state-file.ts";

/** Read of each log at most, in bytes from its end. */
const logBytes = 256 * 1024;
const hostLogBytes = 16 * 1024;
/** Hosts whose logs are read at most. */
const mostHostLogs = 40;
/** Longest configuration file that is read, in bytes. */
const configBytes = 256 * 1024;

/** The last lines of a file; none where it can't be read. The first one is left out where it isn't whole. */
export function lastLines(file: string, bytes: number): readonly string[] {
  try {
    const descriptor = openSync(file, "r");
    try {
      const { size } = fstatSync(descriptor);
      const from = Math.max(0, size - bytes);
      const buffer = Buffer.alloc(size - from);
      readSync(descriptor, buffer, 0, buffer.length, from);
      const lines = buffer.toString("utf8").split("\n");
      return (from > 0 ? lines.slice(1) : lines).filter((line) => line !== "");
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return [];
  }
}

/** What the files of a home say: logs, the daemon's state, cleanups that aren't finished. */
export function readHomeFiles(home: Home): Record<string, unknown> {
  return {
    "daemon.json": readJson(home.stateFile),
    "cleanups.json": readJson(home.cleanupsFile),
    "daemon.log": lastLines(home.logFile, logBytes),
    "daemon.log.stderr": lastLines(`${home.logFile}.stderr`, hostLogBytes),
    "host.log": readHostLogs(home.sessionsDirectory),
  };
}

function readHostLogs(sessionsDirectory: string): Record<string, readonly string[]> {
  const sessions = namesIn(sessionsDirectory).flatMap((sandbox) =>
    namesIn(join(sessionsDirectory, sandbox)).map((session) => `${sandbox}/${session}`),
  );
  const logs = sessions.map(
    (session) => [session, lastLines(join(sessionsDirectory, session, "host.log"), hostLogBytes)] as const,
  );
  return Object.fromEntries(logs.filter(([, lines]) => lines.length > 0).slice(0, mostHostLogs));
}

/**
 * A `devlatch.json`, parsed as far as it can be. The text itself isn't told: values of its environments couldn't be
 * taken out of what can't be parsed.
 */
export function readConfig(file: string): unknown {
  const text = readText(file);
  if (text === undefined) return undefined;
  const errors: ParseError[] = [];
  try {
    const parsed: unknown = parse(text.slice(0, configBytes), errors, { allowTrailingComma: true });
    return errors.length === 0 ? parsed : { parsed, problems: errors.length, bytes: text.length };
  } catch {
    // Nested deeper than the stack.
    return { unreadable: true, bytes: text.length };
  }
}

/** Secrets that lie in files of the home: its token, and those of claimed sandboxes. */
export function secretsOf(home: Home): readonly string[] {
  const token = readToken(home);
  const tokens = filesIn(home.sandboxesDirectory).map((name) =>
    readText(join(home.sandboxesDirectory, name)),
  );
  return [token, ...tokens].flatMap((text) => text?.trim() || []);
}

function readJson(file: string): unknown {
  const text = readText(file);
  if (text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch {
    return { unreadable: true, bytes: text.length };
  }
}

function readText(file: string): string | undefined {
  try {
    const found = readRegularFileSync(file);
    return found.kind === "bytes" ? Buffer.from(found.bytes).toString("utf8") : undefined;
  } catch {
    return undefined;
  }
}

function namesIn(directory: string): readonly string[] {
  return entriesIn(directory).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

function filesIn(directory: string): readonly string[] {
  return entriesIn(directory).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
}

function entriesIn(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}
