import { DevlatchError } from "../../shared/base/errors.ts";
import type { Exit } from "../../shared/model/exit.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { spokenSession } from "../../shared/model/session-names.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { LaunchOutput } from "../../shared/protocol/usage.ts";
import type { Builds } from "../output/builds.ts";
import { readBytes } from "../runs/output.ts";
import type { SessionService } from "../sessions/service.ts";
import type { ThreadReader } from "../threads/reader.ts";
import type { Threads } from "../threads/threads.ts";
import { sessionChanged } from "./session-changed.ts";

/** Longest pause between two looks for more output, in milliseconds; see `ServerOutput`. */
const lookEveryMs = 500;
const lineFeed = 10;

/** Which part of which launch's output is asked for. */
export interface LaunchOutputRequest {
  readonly launch?: string | undefined;
  /** Absolute offset in bytes. */
  readonly cursor?: number | undefined;
  /** Without a cursor: about this many bytes, the last ones. */
  readonly last?: number | undefined;
  readonly waitMs: number;
}

/** What reading the output of launches needs. */
export interface LaunchOutputsDependencies {
  readonly sessions: Pick<SessionService, "registry" | "directoryOf" | "launchHere">;
  readonly threads: Threads;
  readonly builds: Builds;
}

/** The raw output of launches, for those who follow one from its beginning to its end. */
export class LaunchOutputs {
  readonly #parts: LaunchOutputsDependencies;

  constructor(parts: LaunchOutputsDependencies) {
    this.#parts = parts;
  }

  /**
   * A page of what a launch wrote; waits where there is nothing more yet.
   * @throws DevlatchError `NOT_RUNNING` where its output isn't on this machine, or it was started by hand
   */
  async page(
    record: SessionRecord,
    request: LaunchOutputRequest,
    signal: AbortSignal,
  ): Promise<LaunchOutput> {
    const { builds, sessions, threads } = this.#parts;
    const launch = request.launch ?? this.#launchOf(record);
    const reader = threads.of(sessions.directoryOf(record));
    const waitUntil = performance.now() + request.waitMs;
    let from = request.cursor ?? beginning(reader, launch, request.last);
    for (;;) {
      const page = this.#read(reader, record, launch, from);
      const left = waitUntil - performance.now();
      if (page.data !== "" || page.over || left <= 0) return page;
      from = page.next;
      const waited = Math.min(left, lookEveryMs);
      await sessionChanged({ builds, registry: sessions.registry }, sessionKey(record), waited, signal);
    }
  }

  #read(reader: ThreadReader, record: SessionRecord, launch: string, from: number | undefined): LaunchOutput {
    // In this order: what is over now has written everything that is read then.
    const over = this.#over(reader, record, launch);
    const { data, next, skipped } = readBytes(reader, launch, from);
    return { launch, data, next, skipped, ...(data === "" && over ? { over } : {}) };
  }

  /** Its host records its end; where that was killed, the session's record says that it is over. */
  #over(reader: ThreadReader, record: SessionRecord, launch: string): { exit: Exit | null } | undefined {
    const end = reader.launch(launch)?.end;
    if (end) return { exit: end.exit };
    const now = this.#parts.sessions.registry.peek(sessionKey(record));
    if (now && isLive(now.state) && now.hosting?.kind === "hosted" && now.hosting.launchId === launch)
      return undefined;
    return { exit: null };
  }

  #launchOf(record: SessionRecord): string {
    const launch = this.#parts.sessions.launchHere(record);
    if (launch !== undefined) return launch;
    const { session, app } = record;
    throw new DevlatchError(
      "NOT_RUNNING",
      `The output of ${spokenSession(session)} is not here: ${record.hosting?.kind === "adopted" ? "it was started by hand" : "another machine has it"}.`,
      `Look where it was started, or have it started here: devlatch restart ${app} --yes`,
    );
  }
}

/** Where the last bytes of a launch begin, at a line's beginning; undefined: where the launch does. */
function beginning(reader: ThreadReader, launch: string, last: number | undefined): number | undefined {
  const span = last === undefined ? undefined : reader.span(launch);
  if (last === undefined || !span || span.endOffset - span.firstOffset <= last) return undefined;
  const { offset, bytes } = reader.raw(span.endOffset - last, last);
  return offset + bytes.indexOf(lineFeed) + 1;
}

/** An app that was never started has no output. */
export function neverStarted(app: string): DevlatchError {
  return new DevlatchError(
    "NOT_RUNNING",
    `${app} was never started here, so there is no output.`,
    `Start it with: devlatch start ${app}`,
  );
}
