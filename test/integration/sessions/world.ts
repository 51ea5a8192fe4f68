import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { hostMarkOf } from "../../../daemon/hosts/environment.ts";
import { Hosts } from "../../../daemon/hosts/hosts.ts";
import { LockService } from "../../../daemon/locks/lock-service.ts";
import { firstErrorIn } from "../../../daemon/output/first-error.ts";
import { lastCrash } from "../../../daemon/output/watchers.ts";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import type { SessionDependencies } from "../../../daemon/sessions/dependencies.ts";
import { SessionService } from "../../../daemon/sessions/service.ts";
import type { StartRequest } from "../../../daemon/sessions/start.ts";
import type { StopRequest } from "../../../daemon/sessions/stop.ts";
import { openSqliteStore } from "../../../daemon/store/sqlite/store.ts";
import type { Store } from "../../../daemon/store/store.ts";
import { threadOutput } from "../../../daemon/threads/output.ts";
import { Threads } from "../../../daemon/threads/threads.ts";
import { DevlatchError, type ErrorCode } from "../../../shared/base/errors.ts";
import { randomToken } from "../../../shared/base/token.ts";
import type { AppPlan } from "../../../shared/model/app.ts";
import type { Cleanup } from "../../../shared/model/cleanup.ts";
import { hostVariable } from "../../../shared/model/marks.ts";
import type { SessionRecord, SessionState } from "../../../shared/model/session.ts";
import { isActive } from "../../../shared/model/session-state.ts";
import type { StartResult, StopResult } from "../../../shared/protocol/methods.ts";
import { silentLog } from "../../support/log.ts";
import type { Owner } from "../../support/owner.ts";
import { hostProgram } from "../../support/paths.ts";
import { freePort, isPortFree } from "../../support/ports.ts";
import { describeProcesses } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import { createApp, keyOf, request, type TestApp } from "./apps.ts";

export const processes = createProcesses();

/** Where a daemon runs, and what it sees there. */
export type Machine = Pick<SessionDependencies, "machineId" | "processes">;
const here: Machine = { machineId: "this-machine", processes };

type StateOf<K extends SessionState["kind"]> = Extract<SessionState, { kind: K }>;

/** What a daemon has of sessions, and its calls in short. */
export interface SessionDaemon {
  readonly sessions: SessionService;
  readonly locks: LockService;
  /** What it could not end. */
  readonly owed: readonly Cleanup[];
  start(app: TestApp, more?: Partial<StartRequest>): Promise<StartResult>;
  stop(app: TestApp, more?: Partial<StopRequest>): Promise<StopResult>;
  record(app: TestApp): SessionRecord | undefined;
  /** The last lines of its output. */
  tail(app: TestApp): readonly string[];
  /** Waits until the session is in such a state. */
  until<K extends SessionState["kind"]>(
    app: TestApp,
    kind: K,
    accepts?: (state: StateOf<K>) => boolean,
  ): Promise<StateOf<K>>;
  /** Ends as a daemon does: servers, and starts under way, live on. */
  leave(): Promise<void>;
}

/** A home and its store, and the daemons on them: no daemon process, but real hosts and servers. */
export class SessionWorld {
  readonly store: Store;
  readonly #directory: string;
  readonly #daemons = new Set<SessionDaemon>();
  readonly #apps: TestApp[] = [];

  private constructor(directory: string, store: Store) {
    this.#directory = directory;
    this.store = store;
  }

  static async open(owner: Owner): Promise<SessionWorld> {
    const directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-"));
    const world = new SessionWorld(directory, await openSqliteStore({ file: join(directory, "store.db") }));
    owner.after(() => world.#end());
    return world;
  }

  /** One more daemon, which has picked up what runs. */
  async daemon(machine = here): Promise<SessionDaemon> {
    const daemon = this.idleDaemon(machine);
    await daemon.sessions.begin();
    return daemon;
  }

  /** One more daemon that has not begun. */
  idleDaemon({ machineId, processes }: Machine = here): SessionDaemon {
    const threads = new Threads();
    const output = threadOutput(threads);
    const hosts = new Hosts({
      processes,
      log: silentLog,
      output,
      sessionsDirectory: this.#sessionsDirectory,
      journalFile: join(this.#directory, "journal.db"),
      hostProgram: { file: process.execPath, args: [hostProgram] },
    });
    const locks = new LockService(this.store.locks, { instance: randomToken() });
    const owed: Cleanup[] = [];
    const cleanups = { owe: (cleanup: Cleanup) => void owed.push(cleanup) };
    const common = { processes, hosts, locks, output, cleanups, log: silentLog, machineId };
    const readers = { errorIn: firstErrorIn, crashIn: lastCrash };
    const environment = { ...common, ...readers, workspace: createWorkspace() };
    const sessions = new SessionService({ ...environment, now: Date.now }, this.store.records);
    const record = (app: TestApp) => sessions.registry.peek(keyOf(app));
    const tail = (app: TestApp) => {
      const found = record(app);
      return found ? output.tail(sessions.directoryOf(found), 15) : [];
    };
    const daemon: SessionDaemon = {
      ...{ sessions, locks, owed, record, tail },
      start: (app, more) => sessions.start(app.target, request(app, more)),
      stop: ({ target }, more) =>
        sessions.stop({
          sandboxId: target.sandboxId,
          app: target.plan.app,
          yes: false,
          timeoutMs: 30_000,
          signal: new AbortController().signal,
          ...more,
        }),
      until: (app, kind, accepts = () => true) =>
        waitFor(
          `the session to be ${kind}`,
          () => {
            const state = record(app)?.state;
            return isOf(state, kind) && accepts(state) && state;
          },
          { describe: () => JSON.stringify(record(app)?.state) },
        ),
      leave: async () => {
        if (!this.#daemons.delete(daemon)) return;
        sessions.dispose();
        await locks.close();
        threads.dispose();
      },
    };
    this.#daemons.add(daemon);
    return daemon;
  }

  /** A new app; the server that is left of it when the owner ends is ended. */
  async app(owner: Owner, plan: Partial<AppPlan> = {}): Promise<TestApp> {
    const name = `project-${this.#apps.length + 1}`;
    const app = createApp(join(this.#directory, name), await freePort(), plan);
    this.#apps.push(app);
    owner.after(() => this.#endServer(app));
    return app;
  }

  async #endServer(app: TestApp): Promise<void> {
    for (const daemon of this.#daemons) {
      const record = daemon.record(app);
      if (record && isActive(record.state)) await daemon.stop(app, { yes: true }).catch(() => {});
    }
    await app.end();
  }

  get #sessionsDirectory(): string {
    return join(this.#directory, "sessions");
  }

  async #end(): Promise<void> {
    for (const app of this.#apps) await this.#endServer(app);
    for (const daemon of this.#daemons) await daemon.leave();
    const mark = `.${hostMarkOf(this.#sessionsDirectory)}`;
    await waitFor("the hosts to end", async () => {
      const hosts = await processes.withVariable(hostVariable);
      return hosts.every(({ value }) => !value.endsWith(mark));
    });
    await this.store.close();
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

function isOf<K extends SessionState["kind"]>(state: SessionState | undefined, kind: K): state is StateOf<K> {
  return state?.kind === kind;
}

/** A call that must fail with this code. @returns its error */
export async function refused(call: Promise<unknown>, code: ErrorCode): Promise<DevlatchError> {
  const error = await call.then(
    (result) => assert.fail(`It succeeded: ${JSON.stringify(result)}`),
    (cause: DevlatchError) => cause,
  );
  assert.equal(error.code, code, error.stack);
  return error;
}

/** A caller whose deadline is when the test says so, on a slow machine as on a quick one. */
export function patience(): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const end = () => controller.abort(new DevlatchError("DEADLINE", "The time is up.", "Allow more."));
  return { signal: controller.signal, end };
}

/** No process of the app's launches lives, and its port can be bound. */
export async function assertGone(app: TestApp, port = app.port): Promise<void> {
  const living = app.all();
  assert.equal(living.length, 0, `Still running:\n${describeProcesses(living)}`);
  assert.ok(await isPortFree(port), `port ${port} is free`);
}
