import { configFileName } from "../../../shared/model/config-file-name.ts";
import { externalAddress } from "../../../shared/model/external-address.ts";
import type { AppSummary, SandboxView } from "../../../shared/model/sandbox.ts";
import { type Paint, printable } from "./style.ts";
import { table } from "./table.ts";
import { shortPath } from "./words.ts";

/** As many apps are listed in one answer. */
const mostListed = 20;

/** What can be started from a directory, and what is wrong with its files. */
export function hereText({ root, apps, problems, setups = [] }: SandboxView, paint: Paint): string {
  const where = printable(shortPath(root));
  const found =
    apps.length === 0
      ? `No app with a dev server was found in ${where}. Give its command: devlatch start web -- CMD…`
      : `Can be started in ${where} with devlatch start APP:\n${appsTable(apps, paint)}`;
  const wrong = problems.map(({ message, remedy }) => `\n${printable(message)}\n  ${printable(remedy)}`);
  return [found, ...setups.map(setupText), ...wrong].join("\n");
}

/** What an agent would do in a new checkout: told, so that it can be taken over. */
function setupText({ file, setup }: NonNullable<SandboxView["setups"]>[number]): string {
  const lines = printable(setup.replaceAll("\n", "; "));
  return `\n${file} sets a new checkout up with: ${lines}\n  Devlatch does so only where devlatch.json says it ("setup").`;
}

/** Apps as a person recognises them: name, command, and where it runs. */
export function appsTable(apps: readonly AppSummary[], paint: Paint): string {
  const isMixed = apps.some(({ from }) => from !== undefined);
  const rows = apps
    .slice(0, mostListed)
    .map(({ app, command, framework, cwd, external, task, source, from }) => [
      app,
      printable(external ? `(waited for at ${externalAddress(external)})` : (command ?? "-")),
      framework ?? (task ? "(task)" : "-"),
      printable(shortPath(cwd)),
      ...(isMixed ? [printable(from ?? (source === "config" ? configFileName : "the project"))] : []),
    ]);
  const more = apps.length > mostListed ? `\nand ${apps.length - mostListed} more` : "";
  const titles = ["APP", "COMMAND", "FRAMEWORK", "DIRECTORY", ...(isMixed ? ["FROM"] : [])];
  return table(titles, rows, paint) + more;
}
