import { type RunRecord, type RunView, toRunView } from "../../shared/model/run.ts";
import { isRunLive } from "../../shared/model/run-state.ts";

/** Ended runs shown at most. */
const shownEnded = 50;

/** Live runs, and the last ones that ended, newest first. */
export function runViews(records: readonly RunRecord[]): RunView[] {
  const newest = [...records].sort((a, b) => b.startedAt - a.startedAt);
  const live = newest.filter(({ state }) => isRunLive(state));
  const ended = newest.filter(({ state }) => !isRunLive(state)).slice(0, shownEnded);
  return [...live, ...ended].map(toRunView);
}
