import { DevlatchError } from "../../shared/base/errors.ts";
import { git } from "../processes/git.ts";
import type { PoolEdit } from "./pool-edit.ts";

/** How much of a command is shown, in characters. */
const shownLength = 200;

/**
 * What a repository's own configuration has git run when files are checked out or compared, as `name = command`
 * (gitattributes(5), "filter"). What the user's or the system's configuration says is the user's own choice.
 */
export async function ownFilters(main: string, signal: AbortSignal): Promise<readonly string[]> {
  const pattern = "^filter\\..*\\.(clean|smudge|process)$";
  const args = ["config", "--local", "--includes", "--null", "--get-regexp", pattern];
  const entries = (await git(args, { cwd: main, signal, allowed: [1] })).split("\0");
  return entries
    .filter(Boolean)
    .map((entry) => entry.replace("\n", " = "))
    .sort();
}

/**
 * Asks, once for each repository and again when it names others, before programs of a repository's own configuration run.
 * @param edit the pool, where the answer is kept
 * @param yes whether the user agrees
 * @throws DevlatchError `CONSENT_REQUIRED`, naming the programs
 */
export async function requireTrustedFilters(
  edit: PoolEdit,
  yes: boolean,
  signal: AbortSignal,
): Promise<void> {
  const filters = await ownFilters(edit.record.main, signal);
  if (isTrusted(edit, filters)) return;
  if (!yes) throw filtersUnknown(edit.record.main, filters);
  await edit.trust(filters);
}

/** The same without a user to ask. */
export async function hasTrustedFilters(edit: PoolEdit, signal: AbortSignal): Promise<boolean> {
  return isTrusted(edit, await ownFilters(edit.record.main, signal));
}

function isTrusted({ record }: PoolEdit, filters: readonly string[]): boolean {
  return filters.every((filter) => record.filters.includes(filter));
}

function filtersUnknown(main: string, filters: readonly string[]): DevlatchError {
  const shown = filters.map((filter) => filter.slice(0, shownLength)).join("; ");
  return new DevlatchError(
    "CONSENT_REQUIRED",
    `The git configuration of ${main} has programs run on files that are checked out: ${shown}.`,
    "If you trust them, claim with --yes: it is asked once. Else take them out of the repository's .git/config.",
    { data: { filters } },
  );
}
