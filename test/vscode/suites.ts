import { join } from "node:path";
import type { ProjectName } from "../support/projects.ts";

/** A suite that runs inside the extension host, with the extension of this repository. */
export interface SuiteEntry {
  /** Path of the module that exports `run`. */
  readonly entry: string;
  /** Fixture project the window opens. */
  readonly project: ProjectName;
  /** Whether the folder is trusted. */
  readonly trusted: boolean;
}

const suite = (file: string, project: ProjectName, trusted = true): SuiteEntry => ({
  entry: join(import.meta.dirname, "suites", file),
  project,
  trusted,
});

/** Every suite of the extension, for both runners: the VS Code server here, VS Code for the desktop elsewhere. */
export const suites: Readonly<Record<string, SuiteEntry>> = {
  "the editor meets what the extension needs": suite("editor.ts", "plain"),
  "one server, from a trusted window": suite("trusted.ts", "plain"),
  "lenses and marks in our files, from the daemon": suite("language.ts", "plain"),
  "what the server says of the code, where the code is": suite("sources.ts", "plain"),
  "nothing runs in an untrusted window": suite("untrusted.ts", "plain", false),
};
