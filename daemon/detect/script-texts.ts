import { type PackageManagerCommand, readPackageManagerCommand } from "./package-manager-command.ts";
import type { Packages } from "./packages.ts";
import { programName } from "./programs.ts";
import { resolveSafely, scriptId } from "./scope.ts";
import { selectedPackages } from "./selection.ts";
import { readShellCommands, takeAssignments } from "./shell-list.ts";
import { unwrap } from "./wrappers.ts";

/** As many scripts are followed for one line. */
const mostScripts = 30;

/** A line, and where it runs. */
interface LineIn {
  readonly line: string;
  readonly cwd: string;
}

/**
 * What stands in the package scripts that a command line runs, and in those that they run; see `Workspace.scriptTexts`.
 * @param packages those around `cwd`
 */
export async function scriptTexts(line: string, cwd: string, packages: Packages): Promise<readonly string[]> {
  const texts = new Map<string, string>();
  const lines: LineIn[] = [{ line, cwd }];
  for (let next = lines.shift(); next !== undefined; next = lines.shift()) {
    for (const [id, found] of await scriptsIn(next, packages)) {
      if (texts.has(id) || texts.size >= mostScripts) continue;
      texts.set(id, found.line);
      lines.push(found);
    }
  }
  return [...texts.values()];
}

/** The scripts that one line names, with those that go before and after each. */
async function scriptsIn(
  { line, cwd }: LineIn,
  packages: Packages,
): Promise<readonly (readonly [string, LineIn])[]> {
  const found: (readonly [string, LineIn])[] = [];
  let here = cwd;
  for (const { words } of readShellCommands(line)) {
    if (words[0] === "cd" && words[1] !== undefined) here = resolveSafely(here, words[1]);
    const command = managed(words);
    if (command?.kind !== "script") continue;
    const base = resolveSafely(here, command.selection.directory ?? ".");
    for (const owner of (await selectedPackages(packages, command.selection, base)) ?? [])
      for (const name of [`pre${command.script}`, command.script, `post${command.script}`]) {
        const text = owner.scripts.get(name);
        if (text !== undefined) found.push([scriptId(owner, name), { line: text, cwd: owner.directory }]);
      }
  }
  return found;
}

/** What a package manager is told, also behind programs that only start it. */
function managed(words: readonly string[]): PackageManagerCommand | undefined {
  const [first = "", ...args] = takeAssignments(words).words;
  const program = programName(first);
  const inner = unwrap(program, args);
  if (inner?.kind !== "argv") return readPackageManagerCommand(program, args);
  const [innerFirst = "", ...innerArgs] = inner.argv;
  return readPackageManagerCommand(programName(innerFirst), innerArgs);
}
