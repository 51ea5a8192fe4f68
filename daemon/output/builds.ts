import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter, type Event } from "../../shared/base/emitter.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { BuildError, BuildView } from "../../shared/model/output.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isLive } from "../../shared/model/session-state.ts";
import { type FollowedThread, Follower, type GrowthSource } from "./follower.ts";
import type { PackageDirectories } from "./parts.ts";

/** How soon a host that can't be reached is tried again, in milliseconds, at first and at most. */
const firstRetryMs = 100;
const lastRetryMs = 5_000;

/** What is known of a launch's output. */
export interface Heard {
  readonly build: BuildView;
  /** Whether all that was written is looked at and understood. */
  readonly isSettled: boolean;
  readonly seqs: Follower["heard"];
  /** When anything was said of the build last, in milliseconds since the epoch; 0 before that. */
  readonly builtAt: number;
  /** Whether something speaks there that compiles pages when they are asked for: until then it proves nothing. */
  readonly onRequest: boolean;
  /** The last error that was written after this message, whether or not it is of the build. */
  readonly printedAfter: (seq: number) => BuildError | undefined;
}

/** How builds reach sessions, hosts and threads. */
export interface BuildSources {
  readonly machineId: string;
  readonly sessions: {
    all(): readonly SessionRecord[];
    peek(key: string): SessionRecord | undefined;
    readonly onChanged: Event<{ readonly key: string; readonly record: SessionRecord | undefined }>;
  };
  /** @throws DevlatchError where the host of the session in this directory can't be reached */
  connect(directory: string, signal: AbortSignal): Promise<GrowthSource>;
  thread(directory: string): FollowedThread;
  /** The packages of the workspace whose root this is; see {@link PackageDirectories}. Never rejects. */
  packages(root: string): Promise<PackageDirectories>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/**
 * What the live sessions of this machine say of their builds. Their hosts push when there is more output (`onWrote`),
 * so nothing runs while they are silent.
 */
export class Builds implements Disposable {
  readonly #sources: BuildSources;
  readonly #scope = new Scope();
  readonly #ended = new AbortController();
  readonly #changed = this.#scope.add(new Emitter<string>());
  readonly #looked = this.#scope.add(new Emitter<string>());
  /** By key of the session. */
  readonly #followers = new Map<string, Follower>();
  readonly #shown = new Map<string, string>();

  /** Fires with the key of a session whose build looks different now. */
  readonly onChanged = this.#changed.event;
  /** Fires with the key of a session after each look at its new output. */
  readonly onLooked = this.#looked.event;

  constructor(sources: BuildSources) {
    this.#sources = sources;
    this.#scope.defer(() => this.#ended.abort(new Error("The daemon ends.")));
    this.#scope.defer(() => {
      for (const follower of this.#followers.values()) follower.dispose();
    });
    this.#scope.add(sources.sessions.onChanged(({ key, record }) => this.#follow(key, record)));
    for (const record of sources.sessions.all()) this.#follow(sessionKey(record), record);
  }

  /** What the running launch of a session said; undefined where none is followed. */
  of(record: SessionRecord): BuildView | undefined {
    const follower = this.#followerOf(record);
    if (follower === undefined || !isLive(record.state)) return undefined;
    return follower.build;
  }

  /** Looks at the session's output now, whatever its host says. Never rejects. */
  async look(record: SessionRecord): Promise<void> {
    await this.#followerOf(record)?.look();
  }

  /** What is known of the session's running launch; undefined where none is followed. */
  heardOf(record: SessionRecord): Heard | undefined {
    const follower = this.#followerOf(record);
    return (
      follower && {
        build: follower.build,
        isSettled: follower.isSettled,
        seqs: follower.heard,
        builtAt: follower.builtAt,
        onRequest: follower.onRequest,
        printedAfter: (seq) => follower.printedAfter(seq),
      }
    );
  }

  dispose(): void {
    this.#scope.dispose();
  }

  #followerOf(record: SessionRecord): Follower | undefined {
    const follower = this.#followers.get(sessionKey(record));
    return follower && follower.launchId === this.#hostedLaunch(record)?.launchId ? follower : undefined;
  }

  #hostedLaunch({ hosting }: SessionRecord): { launchId: string; directory: string } | undefined {
    return hosting?.kind === "hosted" && hosting.machineId === this.#sources.machineId ? hosting : undefined;
  }

  #follow(key: string, record: SessionRecord | undefined): void {
    const launch = record && isLive(record.state) ? this.#hostedLaunch(record) : undefined;
    const followed = this.#followers.get(key);
    if (followed?.launchId === launch?.launchId) return;
    followed?.dispose();
    this.#followers.delete(key);
    this.#shown.delete(key);
    if (launch === undefined || this.#scope.disposed) return;
    const thread = () => this.#sources.thread(launch.directory);
    const root = record?.settings.cwd ?? "";
    const project = async () => ({ root, packages: await this.#sources.packages(root) });
    const follower = new Follower(launch.launchId, thread, this.#sources.now, project);
    this.#followers.set(key, follower);
    follower.onLooked(() => this.#tell(key, follower));
    void this.#listen(key, follower, launch.directory);
  }

  #tell(key: string, follower: Follower): void {
    const now = JSON.stringify({ ...follower.build, seq: 0 });
    if (this.#shown.get(key) !== now) {
      this.#shown.set(key, now);
      this.#changed.fire(key);
    }
    this.#looked.fire(key);
  }

  /** Connects to the launch's host, again and again while the session lives: it may not run yet, or be paused. */
  async #listen(key: string, follower: Follower, directory: string): Promise<void> {
    const { signal } = this.#ended;
    for (let wait = firstRetryMs; ; wait = Math.min(wait * 2, lastRetryMs)) {
      if (signal.aborted || this.#followers.get(key) !== follower) return;
      try {
        const source = await this.#sources.connect(directory, signal);
        if (this.#followers.get(key) !== follower) return source.dispose();
        source.onClosed(() => void this.#listen(key, follower, directory));
        return follower.listen(source);
      } catch {
        await paused(wait, signal);
      }
    }
  }
}

function paused(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    timer.unref();
    signal.addEventListener("abort", done, { once: true });
  });
}
