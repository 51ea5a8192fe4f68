import type { Event } from "../../shared/base/emitter.ts";
import type { Resources } from "../../shared/model/resources.ts";
import type { TreeRoot } from "../processes/processes.ts";

/** A live process tree of this machine. */
export interface LiveTree {
  /** Key of its session. */
  readonly key: string;
  /** Undefined for a server that was started by hand. */
  readonly launchId: string | undefined;
  readonly root: TreeRoot;
}

/** What the sampler needs of sessions. */
export interface TreeSource {
  trees(): readonly LiveTree[];
  /** Fires when a tree may have come or gone. */
  readonly onChanged: Event<unknown>;
}

/** What one tree used at one look. */
export interface TreeSample extends Resources, Pick<LiveTree, "key" | "launchId"> {}
