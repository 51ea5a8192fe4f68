import { t } from "@vscode/l10n";
import { since } from "../../shared/base/deadline.ts";
import type { KeySummary } from "../../shared/model/concurrency.ts";
import type { HealthSample } from "../../shared/model/health-history.ts";
import type { JournalEntry } from "../../shared/model/journal.ts";
import type { ResourceHistory } from "../../shared/model/resources.ts";
import type { SessionView } from "../../shared/model/session.ts";
import { sessionName } from "../../shared/model/session-names.ts";
import { sessionWords } from "../../shared/model/session-words.ts";
import { whoWords } from "../../shared/model/who-words.ts";
import { lockWords } from "../state/lock-words.ts";
import { holderWords } from "../state/stopper-words.ts";
import type { LockRow, Mark, ServerPlots } from "./page-data.ts";
import { serverSeries } from "./series.ts";
import { mostMarks, textOf } from "./shown-text.ts";

/** What the journal tells of a server: starts, crashes, restarts and stops, oldest first. */
export function marksOf(
  { sandboxId, app }: Pick<SessionView, "sandboxId" | "app">,
  entries: readonly JournalEntry[],
  from: number,
): readonly Mark[] {
  const marks: Mark[] = [];
  let before = "";
  for (const { time, event } of entries) {
    if (event.kind !== "session" || event.sandboxId !== sandboxId || event.session !== sessionName(app))
      continue;
    const { state } = event;
    const kind = state.kind === "starting" && before === "restarting" ? undefined : kindOf(state.kind);
    // Of a start each phase is an event.
    if (kind !== undefined && state.kind !== before && time >= from)
      marks.push({ time, kind, text: "error" in state ? textOf(state.error.message) : "" });
    before = state.kind;
  }
  return marks.slice(-mostMarks);
}

function kindOf(state: SessionView["state"]["kind"]): Mark["kind"] | undefined {
  switch (state) {
    case "starting":
      return "start";
    case "crashed":
    case "failed":
      return "crash";
    case "restarting":
      return "restart";
    case "stopped":
      return "stop";
    default:
      return undefined;
  }
}

/** How long an error that is said again is the same one, in milliseconds: a page that is asked for says it each time. */
const sameErrorMs = 60_000;

/** Build errors as marks, of several at once the first, and one for those that are said again. @param errors oldest first */
export function buildMarks(
  errors: readonly { readonly time: number; readonly message: string }[],
  from: number,
): readonly Mark[] {
  const marks: Mark[] = [];
  const saidAt = new Map<string, number>();
  for (const { time, message } of errors) {
    const isAgain = time - (saidAt.get(message) ?? Number.NEGATIVE_INFINITY) < sameErrorMs;
    saidAt.set(message, time);
    const last = marks.at(-1);
    if (time >= from && !isAgain && (!last || time - last.time > 1_000))
      marks.push({ time, kind: "build error", text: textOf(message) });
  }
  return marks.slice(-mostMarks);
}

/** What is known of one server's past. */
export interface ServerPast {
  readonly history: ResourceHistory;
  readonly marks: readonly Mark[];
  /** Checks of all servers, oldest first. */
  readonly checks: readonly HealthSample[];
}

/** One server of the page. */
export function serverPlots(
  session: SessionView,
  key: string,
  { history, marks, checks }: ServerPast,
  { from, now }: { readonly from: number; readonly now: number },
): ServerPlots {
  const { state, holders } = session;
  const words = [
    textOf(session.root),
    sessionWords(session, now).words,
    state.kind === "ready" ? textOf(state.url) : "",
    whoWords(session),
  ];
  return {
    key,
    app: session.app,
    words: words.filter(Boolean).join(" · "),
    series: serverSeries(history, { key, checks }, from),
    marks: [...marks].filter(({ time }) => time >= from).sort((a, b) => a.time - b.time),
    users: holders.map((one) => t("{0}, for {1}", textOf(holderWords(one)), since(one.since, now))),
  };
}

/** Locks that were used lately, those that are waited for first. */
export function lockRows(keys: readonly KeySummary[]): readonly LockRow[] {
  const timing = ({ count, p50, p99 }: KeySummary["wait"]) => (count > 0 ? ([p50, p99] as const) : null);
  return [...keys]
    .sort((a, b) => b.waiters - a.waiters)
    .slice(0, mostMarks)
    .map(({ key, waiters, attempts, wait, hold }) => ({
      name: textOf(lockWords(key)),
      waiters,
      attempts,
      wait: timing(wait),
      hold: timing(hold),
    }));
}
