import type { Disposable } from "../../shared/base/disposable.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { SessionRecord, SessionState } from "../../shared/model/session.ts";
import { type Hosted, type Hosts, hostedHere } from "../hosts/hosts.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { searchedLines, tailLines } from "./limits.ts";
import { waitUntilReady } from "./readiness.ts";
import { crashedState, inState, readyState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import { isWatched, type Standstill, StandstillWatch } from "./standstill.ts";
import { launchOf } from "./watched-launch.ts";

/** Pause between two looks at a server that no caller waits for, in milliseconds. */
const lookEveryMs = 200;
/** How long a server whose process ended may listen nowhere before that counts, in milliseconds. */
const endedMs = 1_500;
/** The same where its process lives, or another one was begun since: it may be starting again. */
const restartingMs = 5_000;

/**
 * Cares for servers that no caller waits for: one whose start was left, or that crashed under a watcher, is ready as soon as
 * it answers; one that listens no more isn't ready any more. Ends nothing.
 */
export class Aftercare implements Disposable {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;
  /** By key of the session. */
  readonly #tended = new Map<string, { readonly launch: string; readonly end: AbortController }>();

  constructor(dependencies: SessionDependencies, registry: SessionRegistry, hosts: Hosts) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#hosts = hosts;
  }

  /** Makes sure that the session's record follows what becomes of its server, until a start does. Never rejects. */
  tend(record: SessionRecord): void {
    const key = sessionKey(record);
    const [launch, hosting] = [launchOf(record), hostedHere(record, this.#dependencies.machineId)];
    const known = this.#tended.get(key);
    if (launch === undefined || !hosting || known?.launch === launch) return;
    known?.end.abort();
    const end = new AbortController();
    this.#tended.set(key, { launch, end });
    void this.#follow(record, hosting, end.signal)
      .catch((error: unknown) => {
        if (end.signal.aborted) return;
        this.#dependencies.log.debug(
          { err: error, key },
          "a server that no caller waits for can't be followed",
        );
      })
      .finally(() => {
        if (this.#tended.get(key)?.end === end) this.#tended.delete(key);
      });
  }

  /** A start, a stop or a store takes over. */
  leave(key: string): void {
    this.#tended.get(key)?.end.abort();
    this.#tended.delete(key);
  }

  /**
   * What a ready session is whose server listens nowhere.
   * @param silentMs for how long, in milliseconds
   * @returns undefined as long as it may only be restarting
   */
  async stateOfSilent(
    record: SessionRecord,
    hosting: Hosted,
    silentMs: number,
  ): Promise<SessionState | undefined> {
    const { state } = record;
    if (state.kind !== "ready") return undefined;
    const { processes, output, crashIn, now } = this.#dependencies;
    const crash = crashIn(output.tail(hosting.directory, searchedLines));
    const crashed = () => {
      const logTail = output.tail(hosting.directory, tailLines);
      return crashedState(record, crash ?? { proof: "shown" }, logTail, now());
    };
    if (crash?.proof === "told") return crashed();
    if (silentMs < endedMs) return undefined;
    const root = this.#hosts.treeOf(hosting);
    const hasEnded = !(await processes.isAlive(state));
    if (hasEnded && crash && (await isWatched(processes, root, crash))) return crashed();
    const members = await processes.members(root);
    if (members.length === 0) return undefined;
    if (hasEnded && !members.some((one) => isYounger(one, state))) return crashed();
    return silentMs < restartingMs ? undefined : { kind: "starting", since: now(), phase: "spawned" };
  }

  async #follow(record: SessionRecord, hosting: Hosted, signal: AbortSignal): Promise<void> {
    const { processes, output, crashIn, now } = this.#dependencies;
    const { directory, launchId } = hosting;
    const root = this.#hosts.treeOf(hosting);
    const tail = () => output.tail(directory, searchedLines);
    const watch = new StandstillWatch(root, {
      ...{ processes, tail, crashIn },
      unfinished: () => output.unfinished(directory, launchId),
      lastSeq: () => output.lastSeq(directory),
    });
    const readiness = await waitUntilReady(
      record,
      root,
      {
        ...{ processes, tail, lookEveryMs },
        exited: () => undefined,
        onPhase: () => {},
        standstill: async (at) => {
          await this.#note(record, hosting, await watch.look(at), signal);
          return undefined;
        },
      },
      signal,
    );
    if (readiness.kind !== "ready") return;
    await this.#change(record, signal, () => readyState(readiness.server, now()));
  }

  /** Writes down that it stands still, or does no more; a crash stays until it is ready. */
  async #note(
    record: SessionRecord,
    hosting: Hosted,
    standstill: Standstill | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const current = this.#registry.peek(sessionKey(record));
    if (!current || !changes(current.state, standstill)) return;
    await this.#change(record, signal, (found) => {
      if (!changes(found.state, standstill)) return undefined;
      if (standstill?.kind === "crashed") {
        const logTail = this.#dependencies.output.tail(hosting.directory, tailLines);
        const state = crashedState(found, standstill.crash, logTail, this.#dependencies.now());
        return isSame(found.state, state) ? undefined : state;
      }
      const { since } = found.state;
      const asks = standstill?.kind === "asks" ? { asks: standstill.question } : {};
      return { kind: "starting", since, phase: "spawned", ...asks };
    });
  }

  async #change(
    record: SessionRecord,
    signal: AbortSignal,
    next: (current: SessionRecord) => SessionState | undefined,
  ): Promise<void> {
    await this.#registry.update(sessionKey(record), (current) => {
      if (signal.aborted || launchOf(current) !== launchOf(record) || !isUntended(current)) return undefined;
      const state = next(current);
      return state && inState(current, state);
    });
  }

  dispose(): void {
    for (const key of [...this.#tended.keys()]) this.leave(key);
  }
}

/** Whether the session's server is about to be ready only if it is looked at. */
export function isUntended({ state, told, launchedBy }: SessionRecord): boolean {
  return (state.kind === "crashed" || state.kind === "starting") && !told && !launchedBy;
}

function changes(state: SessionState, standstill: Standstill | undefined): boolean {
  if (standstill?.kind === "crashed") return true;
  if (state.kind !== "starting") return false;
  return state.asks !== (standstill?.kind === "asks" ? standstill.question : undefined);
}

function isSame(one: SessionState, other: SessionState): boolean {
  return one.kind === "crashed" && other.kind === "crashed" && one.error.message === other.error.message;
}

/** Whether one process was begun after another, where the system's times tell. */
function isYounger(one: ProcessIdentity, other: ProcessIdentity): boolean {
  const [, boot, ticks] = /^(.*):(\d+)$/.exec(one.startTime) ?? [];
  const [, otherBoot, otherTicks] = /^(.*):(\d+)$/.exec(other.startTime) ?? [];
  return ticks !== undefined && boot === otherBoot && Number(ticks) > Number(otherTicks);
}
