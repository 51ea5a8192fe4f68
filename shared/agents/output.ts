import { placeWords } from "../model/build-words.ts";
import type { BuildError } from "../model/output.ts";
import { logs } from "../operations/history.ts";
import { wait } from "../operations/servers.ts";
import type { BuildWaitResult } from "../protocol/builds.ts";
import { foreign, paragraphs, shortLine, type ToolAnswer, untrusted } from "./answer.ts";
import { appHere, goingOn, look } from "./asking.ts";
import { app, patienceSeconds, seconds } from "./fields.ts";
import { directoryOf } from "./place.ts";
import { tool } from "./tool.ts";

/** Lines asked for unless the agent says otherwise: as many as usually fit. */
const usualLines = 60;

const visit = wait.options.shape.visit.describe("Path to request first, e.g. /about");
const since = wait.options.shape.since.describe("Only builds after this seq");
const { shape } = logs.options;
const cursor = shape.cursor.describe("Lines after this seq; 0: from the oldest");
const before = shape.before.describe("Lines before this seq");
const grep = shape.grep.describe("Regular expression");
const search = shape.search.describe("Words; word* for a beginning");

export const waitTool = tool("wait", {
  title: "Wait for the build",
  description:
    "After an edit: wait until the server has built it; answers its errors as file:line. Instead of sleeping.",
  hints: { readOnly: true, destructive: false, idempotent: true },
  fields: { app, visit, since, timeout: seconds },
  work: async ({ directory, app: named, ...options }, caller) => {
    const here = { cwd: await directoryOf(directory, caller), caller };
    const one = await appHere(named, here);
    caller.progress(`Waiting for the build of ${one}`);
    const patience = { ...options, timeout: options.timeout ?? patienceSeconds };
    const result = await look(wait, { ...patience, app: one }, here).catch((error: unknown) => {
      throw goingOn(error, `${one} is still being built.`, "Call devlatch_wait again to wait on.");
    });
    return buildAnswer(one, result);
  },
});

/** What came of waiting for a build, for the agent. */
export function buildAnswer(one: string, result: BuildWaitResult): ToolAnswer {
  const {
    status,
    errors,
    errorCount,
    warnings,
    seq,
    url,
    cwd,
    reason = "it said nothing of a build",
  } = result;
  const told = foreign(errors.map(errorLine), "first");
  const unknown = status === "unknown" ? { reason: shortLine(reason) } : {};
  return {
    text: paragraphs(
      `${one}: ${buildWords(result)} (seq ${seq}${url === null ? "" : `, ${url}`})`,
      status === "unknown" ? `${shortLine(reason)}; name a page with visit, or read devlatch_logs` : "",
      untrusted(`errors of ${one}, files from ${shortLine(cwd)}`, told),
    ),
    data: {
      ...{ app: one, status, errorCount, warnings, seq, url, directory: cwd },
      ...unknown,
      untrustedErrors: told.lines,
    },
  };
}

function buildWords({ status, errorCount, warnings }: BuildWaitResult): string {
  const errors = errorCount === 1 ? "1 error" : `${errorCount} errors`;
  const warned = warnings === 1 ? "1 warning" : `${warnings} warnings`;
  return [status, ...(errorCount > 0 ? [errors] : []), ...(warnings > 0 ? [warned] : [])].join(", ");
}

function errorLine({ message, place }: BuildError): string {
  return place === undefined ? message : `${placeWords(place)}: ${message}`;
}

export const logsTool = tool("logs", {
  title: "Read a server's output",
  description: "What a server or task wrote; the last lines unless cursor or before is given.",
  hints: { readOnly: true, destructive: false, idempotent: true },
  fields: { app, cursor, before, limit: shape.limit.describe("Most lines"), grep, search },
  work: async ({ directory, app: named, ...page }, caller) => {
    const here = { cwd: await directoryOf(directory, caller), caller };
    const one = await appHere(named, here);
    const read = await look(logs, { ...page, app: one, limit: page.limit ?? usualLines }, here);
    return pageAnswer(one, read, page.cursor === undefined ? "last" : "first");
  },
});

interface Page {
  readonly messages: readonly { readonly seq: number; readonly text: string; readonly kind: string }[];
  readonly next: number;
  readonly prev: number | null;
}

/** A page of output with the places where more is. @param keep the end that is worth more where not all fits */
export function pageAnswer(one: string, { messages, next, prev }: Page, keep: "first" | "last"): ToolAnswer {
  const texts = messages.map(({ text, kind }) => (kind === "event" ? `(devlatch) ${text}` : text));
  const { lines, dropped } = foreign(texts, keep);
  const shown = keep === "first" ? messages.slice(0, lines.length) : messages.slice(dropped);
  const [first] = shown;
  const last = shown.at(-1);
  // What was dropped is on the page that is asked for next.
  const cursor = keep === "first" && dropped > 0 ? (last?.seq ?? next) : next;
  const before =
    first !== undefined && (prev !== null || (keep === "last" && dropped > 0)) ? first.seq : null;
  const range = first === undefined ? "no lines" : `lines ${first.seq} to ${last?.seq}`;
  const older = before === null ? "" : `; older: before ${before}`;
  return {
    text: paragraphs(
      `${one}: ${range}; newer: cursor ${cursor}${older}`,
      untrusted(`output of ${one}`, { lines, dropped }),
    ),
    data: { app: one, next: cursor, before, untrustedOutput: lines },
  };
}
