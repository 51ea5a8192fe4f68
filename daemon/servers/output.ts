import { DevlatchError } from "../../shared/base/errors.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { OutputEventPage } from "../../shared/model/output.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { ThreadPage } from "../../shared/model/thread.ts";
import type { BuildWaitResult } from "../../shared/protocol/builds.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { Builds } from "../output/builds.ts";
import { type EventRequest, readEvents } from "../output/event-pages.ts";
import type { SessionService } from "../sessions/service.ts";
import type { PageRequest } from "../threads/pages.ts";
import type { Threads } from "../threads/threads.ts";
import { type BuildWaitRequest, waitForBuild } from "./build-wait.ts";
import { FailedPages } from "./failed-pages.ts";
import { type FrameworkLog, frameworkLog } from "./framework-log.ts";
import { neverStarted } from "./launch-output.ts";
import type { Locator } from "./locator.ts";
import { sessionChanged } from "./session-changed.ts";

/**
 * Longest pause between two looks for new messages, in milliseconds. The session's host says when there are any; not
 * where it can't be reached, nor of what came between a look and the wait.
 */
const lookEveryMs = 500;

/** What reading a server's output needs. */
export interface OutputDependencies {
  readonly locator: Locator;
  readonly sessions: Pick<SessionService, "registry" | "directoryOf">;
  readonly threads: Threads;
  readonly builds: Builds;
  readonly workspace: Pick<Workspace, "packageDirectories">;
}

/** What servers wrote, and what it means. */
export class ServerOutput {
  readonly #parts: OutputDependencies;
  readonly #failedPages = new FailedPages();

  constructor(parts: OutputDependencies) {
    this.#parts = parts;
  }

  /**
   * The session whose output a caller means. @throws DevlatchError `NOT_RUNNING` where it has none that is known here
   */
  async sessionOf(cwd: string, app: string): Promise<SessionRecord> {
    const record = this.#parts.sessions.registry.peek(
      sessionKey(await this.#parts.locator.session(cwd, app)),
    );
    if (!record) throw neverStarted(app);
    if (record.hosting?.kind === "adopted") throw notOurs(app, await frameworkLog(record));
    return record;
  }

  /**
   * A page of what the session wrote.
   * @param waitMs how long to wait for a first message where there is none yet, in milliseconds; an empty page then
   */
  async page(
    record: SessionRecord,
    request: PageRequest,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<ThreadPage> {
    const { threads, builds, sessions } = this.#parts;
    const { registry } = sessions;
    const reader = threads.of(sessions.directoryOf(record));
    const key = sessionKey(record);
    const waitUntil = performance.now() + waitMs;
    let page = await reader.page(request, signal);
    if (request.before !== undefined) return page;
    while (page.messages.length === 0) {
      const left = waitUntil - performance.now();
      if (left <= 0) break;
      await sessionChanged({ builds, registry }, key, Math.min(left, lookEveryMs), signal);
      page = await reader.page({ ...request, cursor: page.next }, signal);
    }
    return page;
  }

  /** A page of what the session's output says, as typed events. */
  async events(
    record: SessionRecord,
    request: Omit<EventRequest, "project">,
    signal: AbortSignal,
  ): Promise<OutputEventPage> {
    const { threads, sessions, workspace } = this.#parts;
    const root = record.settings.cwd;
    const project = { root, packages: await workspace.packageDirectories(root) };
    return readEvents(threads.of(sessions.directoryOf(record)), { ...request, project }, Date.now, signal);
  }

  /** As {@link waitForBuild}. */
  waitForBuild(record: SessionRecord, request: BuildWaitRequest): Promise<BuildWaitResult> {
    const { builds, sessions } = this.#parts;
    const { registry } = sessions;
    return waitForBuild({ builds, registry, failedPages: this.#failedPages }, record, request);
  }
}

/** @param log what its framework keeps of its output */
function notOurs(app: string, log: FrameworkLog | undefined): DevlatchError {
  const kept = log ? ` Its framework keeps it in ${log.file}.` : "";
  return new DevlatchError(
    "NOT_RUNNING",
    `${app} was started by hand in another terminal: its output is there.${kept}`,
    `To see it here, let Devlatch start it: devlatch restart ${app} --yes`,
    log && log.lines.length > 0 ? { data: { logTail: [...log.lines] } } : {},
  );
}
