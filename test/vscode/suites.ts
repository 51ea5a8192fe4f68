import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Owner } from "../support/owner.ts";
import { type ProjectName, prepareProject } from "../support/projects.ts";

/** A suite that runs inside the extension host, with the extension of this repository. */
export interface SuiteEntry {
  /** Path of the module that exports `run`. */
  readonly entry: string;
  /** Fixture project the window opens; `none`: a folder that holds no project. */
  readonly project: ProjectName | "none";
  /** Whether the folder is trusted. */
  readonly trusted: boolean;
}

const suite = (file: string, project: SuiteEntry["project"], trusted = true): SuiteEntry => ({
  entry: join(import.meta.dirname, "suites", file),
  project,
  trusted,
});

/** Every suite of the extension, for both runners: the VS Code server here, VS Code for the desktop elsewhere. */
export const suites: Readonly<Record<string, SuiteEntry>> = {
  "the editor meets what the extension needs, and loads it where it is needed": suite("editor.ts", "none"),
  "one server, from a trusted window; lenses, marks, and what the server says of the code": suite(
    "one-window.ts",
    "plain",
  ),
  "nothing runs in an untrusted window": suite("untrusted.ts", "plain", false),
};

/** The folder that a suite's window opens, for as long as its owner is there. @returns absolute real path */
export async function folderOf({ project }: SuiteEntry, owner: Owner): Promise<string> {
  if (project !== "none") return prepareProject(project, owner);
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-notes-"));
  owner.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "notes.md"), "Nothing to start here.\n");
  return folder;
}
