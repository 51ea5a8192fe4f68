import type { ScriptServer } from "../../shared/model/sandbox.ts";
import type { Server } from "../state/servers.ts";

/** An app that could be set up. */
export type NewApp = Omit<ScriptServer, "script">;

/** One row of a view, free of the editor's types. */
export interface ViewNode {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Markdown. */
  readonly tooltip?: string;
  /** What a screen reader says: a sentence. Without it, label and description. */
  readonly accessibleName?: string;
  readonly icon?: { readonly name: string; readonly color?: string };
  readonly contextValue?: string;
  readonly children?: readonly ViewNode[];
  readonly collapsed?: boolean;
  /** What a click does; the server is handed to the command. */
  readonly command?: string;
  readonly server?: Server;
  /** What the row could be as an app. */
  readonly newApp?: NewApp;
  /** Key of the lock that the row stands for. */
  readonly lock?: string;
  /** Id of the alert that the row stands for. */
  readonly alert?: string;
  /** The app that the row stands for, by its name and a directory, where no server is known. */
  readonly app?: string;
  readonly cwd?: string;
  /** A file to open on click, at the line (from 1) where one is known. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}
