import type { Disposable } from "../base/disposable.ts";
import type { Sender } from "../operations/operation.ts";
import type { Notification } from "../protocol/methods.ts";

/** Something that only a person may decide. */
export interface Question {
  /** What the agent wants, with what else it concerns: one line of plain text that is safe to show. */
  readonly message: string;
  /** The word that agrees: `Stop it`. */
  readonly agree: string;
}

/** Where an agent may work. */
export interface Workspaces {
  /** Absolute directories; of one it needs no name. */
  readonly roots: readonly string[];
  /** Whether directories outside of them are refused. */
  readonly bounded: boolean;
}

/** What sends requests of tools, and tells how far they are. */
export interface ToolSender extends Sender {
  onNotification(
    name: "start/progress",
    listener: (told: Notification<"start/progress">) => void,
  ): Disposable;
}

/** Who calls a tool, and what its client can do for it. */
export interface ToolCaller {
  /** The agent, as people know it: `Claude Code`. */
  readonly name: string;
  readonly workspaces: Workspaces;
  /** What servers and scripts inherit. */
  readonly env: Readonly<Record<string, string>>;
  readonly sender: ToolSender;
  readonly signal: AbortSignal;
  /** What this agent began itself. */
  readonly belongings: Belongings;
  progress(message: string): void;
  /**
   * Asks the person in front of the agent; absent where its client can't.
   * @returns whether the person agreed
   * @throws whatever keeps the question from being answered now
   */
  readonly consent?: (question: Question) => Promise<boolean>;
}

/** What one agent began, for as long as it is connected: to end that it needs no person's consent. */
export class Belongings {
  /** Launches of runs. */
  readonly runs = new Set<string>();
  /** Tokens of claimed sandboxes, by id. */
  readonly tokens = new Map<string, string>();
  /** Directories of claimed sandboxes. */
  readonly directories = new Set<string>();
}
