import * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";
import { type BuildMark, buildMarks } from "../state/build-marks.ts";
import type { StateRepository } from "../state/repository.ts";
import { workspaceFile } from "./workspace-file.ts";

/**
 * Shows the errors of this window's servers where they are in the code. They go when the build is clean, when the
 * server ends, and while the daemon is away.
 */
export class BuildProblems extends Scope {
  readonly #problems = this.add(vscode.languages.createDiagnosticCollection("devlatch-build"));
  #shown = "[]";
  #round = 0;

  constructor(state: Pick<StateRepository, "current" | "onChanged">) {
    super();
    this.add(state.onChanged((current) => this.#follow(buildMarks(current))));
    this.#follow(buildMarks(state.current));
  }

  #follow(marks: readonly BuildMark[]): void {
    const now = JSON.stringify(marks);
    if (now === this.#shown) return;
    this.#shown = now;
    void this.#show(marks, ++this.#round);
  }

  async #show(marks: readonly BuildMark[], round: number): Promise<void> {
    const files = [...Map.groupBy(marks, ({ file }) => file)];
    const found = await Promise.all(
      files.map(async ([file, own]) => ({ uri: await workspaceFile(file), own })),
    );
    // What was heard while files were looked for is shown instead.
    if (round !== this.#round || this.disposed) return;
    this.#problems.clear();
    for (const { uri, own } of found) if (uri) this.#problems.set(uri, own.map(problemOf));
  }
}

function problemOf({ line, column, message, app }: BuildMark): vscode.Diagnostic {
  const start = new vscode.Position(line - 1, (column ?? 1) - 1);
  // Servers name where it begins: the editor extends an empty range to the word there.
  const end = column === undefined ? new vscode.Position(line - 1, Number.MAX_SAFE_INTEGER) : start;
  const problem = new vscode.Diagnostic(new vscode.Range(start, end), message);
  problem.source = `Devlatch: ${app}`;
  return problem;
}
