import { Scope } from "../../shared/base/disposable.ts";
import { Emitter, type Event } from "../../shared/base/emitter.ts";
import { fromErrorShape, toErrorShape } from "../../shared/base/errors.ts";
import type { Link } from "../../shared/client/live-client.ts";
import { nothingWrong } from "../../shared/model/no-alerts.ts";
import type { SandboxView } from "../../shared/model/sandbox.ts";
import type { Snapshot } from "../../shared/model/snapshot.ts";
import type { Beginning, Folder, FolderState, WindowState } from "./window-state.ts";

/** The part of the connection the repository listens to. */
export interface StateSource {
  readonly link: Link;
  readonly onLinkChanged: Event<Link>;
  readonly snapshot: Snapshot | undefined;
  readonly onSnapshotChanged: Event<Snapshot>;
  /** @throws DevlatchError */
  describe(cwd: string, signal: AbortSignal): Promise<SandboxView>;
}

/** The part of the editor's workspace the repository listens to. */
export interface WorkspaceSource {
  readonly trusted: boolean;
  readonly folders: readonly Folder[];
  readonly onTrustGranted: Event<void>;
  readonly onFoldersChanged: Event<void>;
  /** A file that decides which apps exist was written, made or removed. */
  readonly onProjectFileChanged: Event<void>;
}

/** Describes a folder by its files, where no daemon does. */
export type FilesSource = Pick<StateSource, "describe">;

/** Package managers and branches write many files at once; the descriptions wait for this much silence, in ms. */
const settleMs = 300;

/** Owns what the window knows: joins the daemon's state with the workspace's folders, and fires one event. */
export class StateRepository extends Scope {
  readonly #source: StateSource;
  readonly #workspace: WorkspaceSource;
  readonly #files: FilesSource | undefined;
  readonly #changed = this.add(new Emitter<WindowState>());
  #state: WindowState;
  #round: AbortController | undefined;
  #settling: NodeJS.Timeout | undefined;

  readonly onChanged = this.#changed.event;

  /** @param files what describes folders while no daemon does; without it they stay undescribed then */
  constructor(source: StateSource, workspace: WorkspaceSource, files?: FilesSource) {
    super();
    this.#files = files;
    this.#source = source;
    this.#workspace = workspace;
    const { link } = source;
    const { trusted, folders } = workspace;
    this.#state = {
      link,
      trusted,
      folders,
      sessions: [],
      locks: [],
      locksAt: 0,
      health: null,
      lockAlerts: [],
      board: nothingWrong,
      terminals: new Map(),
      starts: new Map(),
    };
    if (source.snapshot) this.#takeSnapshot(source.snapshot);
    this.add(source.onLinkChanged((changed) => this.#takeLink(changed)));
    this.add(source.onSnapshotChanged((snapshot) => this.#takeSnapshot(snapshot)));
    this.add(workspace.onTrustGranted(() => this.#set({ trusted: workspace.trusted })));
    this.add(workspace.onFoldersChanged(() => this.#takeFolders()));
    this.add(workspace.onProjectFileChanged(() => this.#describeSoon()));
    this.defer(() => this.#round?.abort());
    this.defer(() => clearTimeout(this.#settling));
    this.#describe();
  }

  get current(): WindowState {
    return this.#state;
  }

  /**
   * Waits until the daemon is reached and every folder is described.
   * @throws DevlatchError why the daemon can't be reached; the signal's reason
   */
  async settled(signal: AbortSignal): Promise<WindowState> {
    return this.until((state) => {
      if (state.link.kind === "disconnected") throw fromErrorShape(state.link.error);
      const described = state.folders.every(
        (folder) => (folder.sandbox && !folder.isFromFiles) || folder.error,
      );
      return state.link.kind === "connected" && described;
    }, signal);
  }

  /** Waits for a state that `holds`. @throws what `holds` throws; the signal's reason */
  until(holds: (state: WindowState) => boolean, signal: AbortSignal): Promise<WindowState> {
    return new Promise((resolve, reject) => {
      const scope = new Scope();
      const check = (state: WindowState) => {
        try {
          if (!holds(state)) return;
          resolve(state);
        } catch (error) {
          reject(error);
        }
        scope.dispose();
      };
      const abort = () => {
        scope.dispose();
        reject(signal.reason);
      };
      if (signal.aborted) return abort();
      scope.add(this.onChanged(check));
      signal.addEventListener("abort", abort, { once: true });
      scope.defer(() => signal.removeEventListener("abort", abort));
      check(this.#state);
    });
  }

  /** Notes how a start of this window begins; that it is over, or has a record, with undefined. @param key of the server */
  noteStart(key: string, beginning: Beginning | undefined): void {
    const starts = new Map(this.#state.starts);
    if (beginning) starts.set(key, beginning);
    else if (!starts.delete(key)) return;
    this.#set({ starts });
  }

  /** Notes in which terminals servers were started by hand. */
  noteTerminals(terminals: ReadonlyMap<string, string>): void {
    this.#set({ terminals });
  }

  #set(change: Partial<WindowState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changed.fire(this.#state);
  }

  #takeLink(link: Link): void {
    // The daemon knows better than the files: what runs, and by which ids.
    const folders = link.kind === "connected" ? this.#state.folders.map(undescribed) : this.#state.folders;
    this.#set({ link, folders });
    this.#describe();
  }

  #takeSnapshot({ sessions, locks, locksAt, health, concurrency, alerts }: Snapshot): void {
    this.#set({ sessions, locks, locksAt, health, lockAlerts: concurrency.alerts, board: alerts });
  }

  #takeFolders(): void {
    const known = new Map(this.#state.folders.map((folder) => [folder.path, folder]));
    this.#set({
      folders: this.#workspace.folders.map((folder) => ({ ...known.get(folder.path), ...folder })),
    });
    this.#describe();
  }

  #describeSoon(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#describe(), settleMs);
  }

  /**
   * Describes folders anew; what an earlier round still brings is ignored. Where the daemon is away, what it said stays,
   * and the others are described by their files.
   */
  #describe(): void {
    this.#round?.abort();
    const { kind } = this.#source.link;
    if (kind === "connecting" || (kind === "disconnected" && this.#files === undefined)) return;
    const round = new AbortController();
    this.#round = round;
    const isDue = (folder: FolderState) =>
      kind === "connected" || folder.isFromFiles || (!folder.sandbox && !folder.error);
    for (const { name, path } of this.#state.folders.filter(isDue)) {
      void this.#describeFolder({ name, path }, round.signal).then((described) => {
        if (round.signal.aborted) return;
        this.#set({
          folders: this.#state.folders.map((folder) => (folder.path === path ? described : folder)),
        });
      });
    }
  }

  async #describeFolder(folder: Folder, signal: AbortSignal): Promise<FolderState> {
    const files = this.#source.link.kind === "connected" ? undefined : this.#files;
    try {
      if (files) return { ...folder, sandbox: await files.describe(folder.path, signal), isFromFiles: true };
      return { ...folder, sandbox: await this.#source.describe(folder.path, signal) };
    } catch (error) {
      return { ...folder, error: toErrorShape(error) };
    }
  }
}

function undescribed(folder: FolderState): FolderState {
  return folder.isFromFiles ? { name: folder.name, path: folder.path } : folder;
}
