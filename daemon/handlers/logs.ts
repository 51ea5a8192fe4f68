import { pause } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { sessionKey, sessionName } from "../../shared/model/session.ts";
import type { ThreadPage } from "../../shared/model/thread.ts";
import type { CheckedParams } from "../../shared/protocol/contract.ts";
import type { ThreadReader } from "../threads/reader.ts";
import type { Handlers } from "./contract.ts";
import { noteUse } from "./holding.ts";
import type { Parts } from "./parts.ts";
import { locateSandbox } from "./targets.ts";

/** Pause between two looks for new messages, in milliseconds: another process writes them. */
const lookEveryMs = 50;

export function logHandlers(parts: Parts): Pick<Handlers, "session/logs"> {
  return {
    "session/logs": async (params, call) => {
      const { sandboxId } = await locateSandbox(parts, params.cwd);
      const record = parts.sessions.registry.peek(sessionKey(sandboxId, params.app));
      if (!record) throw neverStarted(params.app);
      if (record.hosting?.kind === "adopted") throw notOurs(params.app);
      // Whoever waits for more follows the server; a look at what it wrote is no use of it.
      if (params.waitMs > 0) await noteUse(parts, record, call);
      return readPage(parts.threads.of(parts.sessions.directoryOf(record)), params, call.signal);
    },
  };
}

/** The next page; waits for a first message if there is none yet and the caller wants to wait. */
async function readPage(
  reader: ThreadReader,
  { cwd: _cwd, app: _app, waitMs, ...request }: CheckedParams<"session/logs">,
  signal: AbortSignal,
): Promise<ThreadPage> {
  const waitUntil = performance.now() + waitMs;
  let page = await reader.page(request, signal);
  while (page.messages.length === 0 && performance.now() < waitUntil && request.before === undefined) {
    await pause(lookEveryMs, signal);
    page = await reader.page({ ...request, cursor: page.next }, signal);
  }
  return page;
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
