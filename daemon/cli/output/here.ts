import { externalAddress } from "../../../shared/model/app.ts";
import type { AppSummary, SandboxView } from "../../../shared/model/sandbox.ts";
import { type Paint, printable } from "./style.ts";
import { table } from "./table.ts";
import { shortPath } from "./words.ts";

/** As many apps are listed in one answer. */
const mostListed = 20;

/** What can be started from a directory, and what is wrong with its files. */
export function hereText({ root, apps, problems }: SandboxView, paint: Paint): string {
  const where = printable(shortPath(root));
  const found =
    apps.length === 0
      ? `No app with a dev server was found in ${where}. Give its command: devlatch start web -- CMD…`
      : `Can be started in ${where} with devlatch start APP:\n${appsTable(apps, paint)}`;
  const wrong = problems.map(({ message, remedy }) => `\n${printable(message)}\n  ${printable(remedy)}`);
  return [found, ...wrong].join("\n");
}

/** Apps as a person recognises them: name, command, and where it runs. */
export function appsTable(apps: readonly AppSummary[], paint: Paint): string {
  const rows = apps
    .slice(0, mostListed)
    .map(({ app, command, framework, cwd, external, task }) => [
      app,
      printable(external ? `(waited for at ${externalAddress(external)})` : (command ?? "-")),
      framework ?? (task ? "(task)" : "-"),
      printable(shortPath(cwd)),
    ]);
  const more = apps.length > mostListed ? `\nand ${apps.length - mostListed} more` : "";
  return table(["APP", "COMMAND", "FRAMEWORK", "DIRECTORY"], rows, paint) + more;
}
