import { DevlatchError } from "../../shared/base/errors.ts";
import { sessionKey, sessionName } from "../../shared/model/session.ts";
import type { ThreadPage } from "../../shared/model/thread.ts";
import type { PageRequest } from "../threads/pages.ts";
import type { ThreadReader } from "../threads/reader.ts";
import type { Handlers } from "./contract.ts";
import { noteUse } from "./holding.ts";
import type { Parts } from "./parts.ts";
import { sessionChanged } from "./session-changed.ts";
import { locateSandbox } from "./targets.ts";

/**
 * Longest pause between two looks for new messages, in milliseconds. The session's host says when there are any; not
 * where it can't be reached, nor of what came between a look and the wait.
 */
const lookEveryMs = 500;

export function logHandlers(parts: Parts): Pick<Handlers, "session/logs"> {
  return {
    "session/logs": async (params, call) => {
      const { sandboxId } = await locateSandbox(parts, params.cwd);
      const key = sessionKey(sandboxId, params.app);
      const record = parts.sessions.registry.peek(key);
      if (!record) throw neverStarted(params.app);
      if (record.hosting?.kind === "adopted") throw notOurs(params.app);
      // Whoever waits for more follows the server; a look at what it wrote is no use of it.
      if (params.waitMs > 0) await noteUse(parts, record, call);
      const { cwd: _, app: __, waitMs, ...request } = params;
      const reader = parts.threads.of(parts.sessions.directoryOf(record));
      const page = await reader.page(request, call.signal);
      if (page.messages.length > 0 || waitMs === 0 || request.before !== undefined) return page;
      const grown = (ms: number) => sessionChanged(parts, key, ms, call.signal);
      return nextPage(reader, { ...request, cursor: page.next }, waitMs, grown, call.signal);
    },
  };
}

/**
 * Waits for a page that isn't empty.
 * @param waitMs longest time, in milliseconds; an empty page then
 * @param grown waits until there may be more, at most so many milliseconds
 */
async function nextPage(
  reader: ThreadReader,
  request: PageRequest,
  waitMs: number,
  grown: (ms: number) => Promise<void>,
  signal: AbortSignal,
): Promise<ThreadPage> {
  const waitUntil = performance.now() + waitMs;
  let cursor = request.cursor ?? 0;
  for (;;) {
    const left = waitUntil - performance.now();
    if (left > 0) await grown(Math.min(left, lookEveryMs));
    const page = await reader.page({ ...request, cursor }, signal);
    if (page.messages.length > 0 || left <= 0) return page;
    cursor = page.next;
  }
}

export function neverStarted(app: string): DevlatchError {
  return new DevlatchError(
    "NOT_RUNNING",
    `${sessionName(app)} was never started here, so there is no output.`,
    `Start it with: devlatch start ${app}`,
  );
}

export function notOurs(app: string): DevlatchError {
  return new DevlatchError(
    "NOT_RUNNING",
    `${sessionName(app)} was started by hand in another terminal: its output is there.`,
    `To see it here, let Devlatch start it: devlatch restart ${app} --yes`,
  );
}
