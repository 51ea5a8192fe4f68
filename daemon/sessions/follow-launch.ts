import type { DevlatchError } from "../../shared/base/errors.ts";
import type { Progress } from "../../shared/base/flight.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord, StartPhase } from "../../shared/model/session.ts";
import type { HostDescription, Hosted, Hosts } from "../hosts/hosts.ts";
import type { LockGrant } from "../locks/lock-service.ts";
import type { AddressConflicts } from "./address-conflicts.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { type Displaced, displacedFrom } from "./displaced.ts";
import { hostKilled, hostUnreachable } from "./errors.ts";
import { exitedEarly, type LastWords, partEndedEarly } from "./exited-early.ts";
import { type EndOfLaunch, LaunchEnd } from "./launch-end.ts";
import { portWords } from "./launch-port.ts";
import { searchedLines, tailLines } from "./limits.ts";
import { type PartEnd, PartWatch } from "./own-part.ts";
import { type Readiness, waitUntilReady } from "./readiness.ts";
import { inState, readyState } from "./records.ts";
import type { SessionRegistry } from "./registry.ts";
import { StandstillWatch } from "./standstill.ts";
import { StartPhases } from "./start-phases.ts";
import type { SessionTree } from "./trees.ts";
import type { Unready } from "./unready.ts";

/** What following a launch has to know. */
interface FollowTerms {
  /** Why it can have no port but its own. */
  readonly fixed?: string | undefined;
  /** How long a crash that is known may be one that is just being mended, in milliseconds. */
  readonly graceMs?: number;
  /** Whether it was launched just now: what never was ready has failed once its own part has ended. */
  readonly isNew?: boolean;
}

/** What following launches needs. */
interface FollowedLaunches {
  readonly dependencies: SessionDependencies;
  readonly registry: SessionRegistry;
  readonly hosts: Hosts;
  readonly conflicts: AddressConflicts;
  readonly unready: Unready;
  /** The live trees of this machine's sessions. */
  readonly trees: () => readonly SessionTree[];
}

/** Waits for launched servers, and finds out why one won't be ready. */
export class LaunchFollower {
  readonly #dependencies: SessionDependencies;
  readonly #registry: SessionRegistry;
  readonly #hosts: Hosts;
  readonly #conflicts: AddressConflicts;
  readonly #unready: Unready;
  readonly #trees: () => readonly SessionTree[];

  constructor({ dependencies, registry, hosts, conflicts, unready, trees }: FollowedLaunches) {
    this.#dependencies = dependencies;
    this.#registry = registry;
    this.#hosts = hosts;
    this.#conflicts = conflicts;
    this.#unready = unready;
    this.#trees = trees;
  }

  /** Waits until a launched server is ready; also goes on where a former daemon was killed. */
  async follow(
    record: SessionRecord,
    hosting: Hosted,
    grant: LockGrant,
    progress: Progress,
    terms: FollowTerms = {},
  ): Promise<SessionRecord> {
    const check = await this.#hosts.check(hosting);
    if (check.kind === "silent") throw hostUnreachable(record);
    if (check.kind === "gone") throw await this.#ended(record, check.exit ?? "host-killed", hosting);
    const end = new LaunchEnd(this.#hosts, hosting, check.connection);
    try {
      return await this.#awaitReady(record, hosting, { ...check, end }, grant, progress, terms);
    } finally {
      end.dispose();
    }
  }

  async #awaitReady(
    record: SessionRecord,
    hosting: Hosted,
    host: { end: LaunchEnd; description: HostDescription },
    grant: LockGrant,
    progress: Progress,
    { fixed, graceMs = 0, isNew = false }: FollowTerms,
  ): Promise<SessionRecord> {
    const { processes, output, crashIn, now, log } = this.#dependencies;
    const phases = new StartPhases(this.#registry, log, sessionKey(record), record);
    const reach = (phase: StartPhase, message: string) => {
      phases.reach(phase);
      progress(phase, message);
    };
    const { leader, host: hostProcess, terminal } = host.description;
    reach("spawned", `Process ${leader.pid} runs; waiting for it to listen${portWords(record, " on port ")}`);
    const taken = new AbortController();
    const conflicts = this.#conflicts.watch(record, hosting, fixed, (error) => taken.abort(error));
    const { directory, launchId } = hosting;
    const root = { leader, cookie: launchId, host: hostProcess };
    const tail = () => output.tail(directory, searchedLines);
    const watch = new StandstillWatch(root, {
      ...{ processes, tail, crashIn },
      unfinished: () => output.unfinished(directory, launchId),
      lastSeq: () => output.lastSeq(directory),
    });
    const part = new PartWatch(record, tail);
    const patientUntil = performance.now() + graceMs;
    try {
      const readiness: Readiness = await waitUntilReady(
        record,
        root,
        {
          processes,
          tail,
          exited: () => host.end.seen,
          onOther: (listener) => this.#unready.speaksOther(record, listener),
          standstill: async (now) => (now < patientUntil ? undefined : watch.look(now)),
          ...(isNew ? { partEnd: (now) => part.look(now) } : {}),
          onPhase: (phase, { port }) => reach(phase, phaseWords(phase, port)),
        },
        AbortSignal.any([grant.signal, taken.signal]),
      ).finally(() => phases.settled());
      if (readiness.kind === "ended") throw await this.#ended(record, readiness.exit, hosting);
      if (readiness.kind === "part-ended") throw await this.#partEnded(record, readiness.end, hosting);
      if (readiness.kind === "standstill")
        throw await this.#unready.standsStill(record, hosting, readiness.standstill, grant);
      grant.signal.throwIfAborted();
      const displaced = await this.#displaced(record, readiness.server.port);
      const state = readyState(readiness.server, now(), { displaced, terminal });
      const ready = inState(record, state, grant.fence);
      await this.#registry.write(ready);
      progress("ready", `Ready at ${readiness.server.url}`);
      return ready;
    } finally {
      conflicts.dispose();
    }
  }

  /** Never rejects: what can't be seen isn't said. */
  async #displaced(record: SessionRecord, port: number): Promise<Displaced | undefined> {
    return displacedFrom(record, port, this.#dependencies.processes, this.#trees()).catch(() => undefined);
  }

  async #ended(record: SessionRecord, exit: EndOfLaunch, hosting: Hosted): Promise<DevlatchError> {
    if (exit === "host-killed") return hostKilled(record);
    const missing = await this.#dependencies.workspace.missingModules(record.settings.cwd);
    return exitedEarly(record, exit, this.#lastWords(hosting), missing);
  }

  async #partEnded(record: SessionRecord, end: PartEnd, hosting: Hosted): Promise<DevlatchError> {
    const within = await this.#conflicts.within(record, hosting);
    return within ?? partEndedEarly(record, end, this.#lastWords(hosting).logTail);
  }

  #lastWords(hosting: Hosted): LastWords {
    const { output, errorIn } = this.#dependencies;
    const written = output.tail(hosting.directory, searchedLines);
    const understood = errorIn(written);
    return { written, logTail: understood === undefined ? written.slice(-tailLines) : [understood] };
  }
}

function phaseWords(phase: StartPhase, port: number): string {
  return phase === "listening" ? `It listens on port ${port}` : `Waiting for an answer on port ${port}`;
}
