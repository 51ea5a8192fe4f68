import { formatMs } from "../base/deadline.ts";
import type { StartResult, StopResult } from "../protocol/methods.ts";

/**
 * The result of a start in one sentence.
 * @param shown how an address is shown; as it is, unless told
 */
export function launchWords(result: StartResult, shown: (url: string) => string = (url) => url): string {
  const { app, outcome, state, url, elapsedMs } = result;
  if (outcome === "external") return `${app} is there on port ${result.port} (it runs elsewhere)`;
  if (outcome === "done")
    return `${app} is ${state === "running" ? "under way" : `done (${formatMs(elapsedMs)})`}`;
  if (outcome === "unchanged") return `${app} was done before, and nothing it depends on has changed`;
  const pid = result.pid === null ? "" : `, pid ${result.pid}`;
  if (state !== "ready" || url === null) return `${app} is ${state} (${outcome}${pid})`;
  const place = shown(url);
  switch (outcome) {
    case "started":
      return `${app} is ready at ${place} (started in ${formatMs(elapsedMs)}${pid})`;
    case "reused":
      return `${app} is ready at ${place} (reused${pid})`;
    case "adopted":
      return `${app} is ready at ${place} (adopted: it was started outside Devlatch${pid})`;
  }
}

/** The result of a stop in one sentence; empty where `notice` says why one that runs elsewhere wasn't stopped. */
export function stopWords(app: string, { outcome, elapsedMs, notice }: StopResult): string {
  if (outcome === "stopped") return `${app} stopped in ${formatMs(elapsedMs)}`;
  return notice === undefined ? `${app} wasn't running` : "";
}
