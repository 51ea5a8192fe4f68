import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { Processes, ProcessInfo, TreeRoot } from "../processes/processes.ts";
import { Ledger } from "./ledger.ts";
import type { HostDescription } from "./protocol.ts";
import { TreeWatch } from "./tree-watch.ts";

/** Of what launch the tree is. */
export interface OwnTreeParts {
  /** Where the ledger is kept. */
  readonly directory: string;
  readonly launch: Pick<HostDescription, "leader" | "launchId" | "host">;
  readonly processes: Pick<Processes, "members" | "descendants">;
  /** Whether what leaves the tree comes back to this process; see `subreaper.ts`. */
  readonly adoptsOrphans: boolean;
}

/** The launch's process tree: who is in it, now and ever, so that members that leave group and parent stay known. */
export class OwnTree implements Disposable {
  readonly #parts: OwnTreeParts;
  readonly #ledger: Ledger;
  readonly #scope = new Scope();
  #watch: TreeWatch | undefined;

  constructor(parts: OwnTreeParts) {
    this.#parts = parts;
    this.#ledger = new Ledger(parts.directory, parts.launch.launchId);
  }

  /** What a cleanup finds all of it by. */
  get root(): TreeRoot {
    const { leader, launchId, host } = this.#parts.launch;
    return { leader, cookie: launchId, host, ledger: this.#ledger.processes };
  }

  /** Those that live now. */
  async members(): Promise<readonly ProcessInfo[]> {
    const members = await this.#parts.processes.members(this.root);
    this.#remember(members);
    return members;
  }

  /**
   * From now on the tree is looked at, often while something happens in it.
   * @param onLook called before each look, e.g. for an end that no signal told of
   */
  watch(onLook: () => void): void {
    const descendants = () => {
      onLook();
      return this.#descendants();
    };
    const looks = { descendants, members: () => this.members() };
    this.#watch = this.#scope.add(new TreeWatch(looks, this.#parts.adoptsOrphans));
    const onChild = () => this.life();
    process.on("SIGCHLD", onChild);
    this.#scope.defer(() => process.off("SIGCHLD", onChild));
  }

  /** Something happens in the tree. */
  life(): void {
    this.#watch?.life();
  }

  dispose(): void {
    this.#scope.dispose();
  }

  async #descendants(): Promise<readonly ProcessIdentity[]> {
    const { processes, launch } = this.#parts;
    const found = await processes.descendants(launch.host, launch.launchId);
    this.#remember(found);
    return found;
  }

  #remember(processes: readonly ProcessIdentity[]): void {
    try {
      this.#ledger.saw(processes);
    } catch {
      // A full disk: the memory has them.
    }
  }
}
