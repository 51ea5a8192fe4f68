import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git } from "../processes/git.ts";
import { gitAt, type Place } from "./worktree.ts";

/** What of a sandbox exists nowhere else. */
export interface Work {
  /** Paths of uncommitted changes, new files included, ignored ones and caches not. */
  readonly changed: readonly string[];
  /** Repositories inside the sandbox (nested ones, changed submodules): nothing of ours can keep their content. */
  readonly repositories: readonly string[];
  /** Tips of commits that no branch, tag or remote reaches. */
  readonly tips: readonly string[];
}

/** Rescued work is on branches that begin with this. */
const rescueBranch = "devlatch/rescued-";

/** Whose work is kept, and since when it is being put away (ms since the epoch). */
export interface Former {
  readonly owner: string;
  readonly since: number;
}

/**
 * A user may have no identity configured. The same work of the same owner always makes the same commit, and with it
 * the same branch.
 */
function identity({ since }: Former): Record<string, string> {
  const date = `@${Math.floor(since / 1000)} +0000`;
  const [name, email] = ["Devlatch", "devlatch@localhost"];
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
}

/**
 * Looks for work in a sandbox.
 * @param base the commit its owner got it at; that commit itself is no work of the owner
 * @param keep patterns of caches, as in .gitignore
 */
export async function findWork(
  place: Place,
  base: string,
  keep: readonly string[],
  signal: AbortSignal,
): Promise<Work> {
  const tracked = await trackedChanges(place, signal);
  const caches = keep.flatMap((pattern) => ["-x", pattern]);
  const others = await gitAt(place, ["ls-files", "-z", "--others", "--exclude-standard", ...caches], signal);
  const untracked = others.split("\0").filter(Boolean);
  // git lists a repository inside ours by its directory alone.
  const nested = untracked.filter((path) => path.endsWith("/"));
  return {
    changed: [...tracked.paths, ...untracked],
    repositories: [...tracked.submodules, ...nested],
    tips: await findTips(place.gitDirectory, base, signal),
  };
}

export function hasWork({ changed, tips }: Work): boolean {
  return changed.length > 0 || tips.length > 0;
}

/** https://git-scm.com/docs/git-status#_porcelain_format_version_2 */
async function trackedChanges(place: Place, signal: AbortSignal) {
  const args = ["status", "--porcelain=v2", "-z", "--untracked-files=no", "--no-renames"];
  const text = await gitAt(place, [...args, "--ignore-submodules=none"], signal);
  const paths: string[] = [];
  const submodules: string[] = [];
  for (const entry of text.split("\0")) {
    const fields = entry.split(" ");
    const skipped = { "1": 8, u: 10 }[fields[0] ?? ""];
    if (skipped === undefined) continue;
    const path = fields.slice(skipped).join(" ");
    paths.push(path);
    // S, then whether its commit differs, it has changes, it has new files.
    if (/^S/.test(fields[2] ?? "") && fields[2] !== "S...") submodules.push(path);
  }
  return { paths, submodules };
}

/**
 * Commits left where HEAD is or was before it moved on, that nothing else reaches. Only the git directory is needed:
 * the worktree itself may be gone. What was amended or rebased was replaced on purpose and doesn't count.
 */
export async function findTips(
  gitDirectory: string,
  base: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const ask = (args: readonly string[], allowed: readonly number[] = []) =>
    git([`--git-dir=${gitDirectory}`, ...args], { cwd: gitDirectory, signal, allowed });
  const exists = (name: string) =>
    ask(["rev-parse", "--verify", "--quiet", `${name}^{commit}`], [1, 128]).then((commit) =>
      /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined,
    );
  const head = await exists("HEAD");
  const left = await leftBehind(ask);
  const candidates = [...new Set([head, ...left].filter((one) => one !== undefined))];
  if (candidates.length === 0) return [];
  const known = await exists(base);
  const reached = ["--branches", "--tags", "--remotes", ...(known === undefined ? [] : [known])];
  const unreached = new Set(
    (await ask(["rev-list", "--ignore-missing", ...candidates, "--not", ...reached])).split("\n"),
  );
  const lone = candidates.filter((one) => unreached.has(one));
  if (lone.length < 2) return lone;
  return (await ask(["merge-base", "--independent", ...lone])).split("\n").filter(Boolean);
}

/** Where HEAD stood without a branch before something else was checked out, by the worktree's reflog. */
async function leftBehind(
  ask: (args: readonly string[], allowed: readonly number[]) => Promise<string>,
): Promise<readonly string[]> {
  const text = await ask(["reflog", "show", "--format=%H %gs", "HEAD"], [1, 128]);
  const entries = text.split("\n").map((line) => ({ hash: line.split(" ")[0] ?? "", what: line }));
  return entries.flatMap(({ what }, index) => {
    const before = entries[index + 1]?.hash;
    return before && / checkout: moving from /.test(what) ? [before] : [];
  });
}

/**
 * Keeps work on a branch of the repository. Repeating it (a former daemon was killed half-way) makes nothing twice.
 * @returns the branch, or undefined where there was nothing to keep
 */
export async function saveWork(
  place: Place,
  work: Work,
  former: Former,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (work.changed.length === 0) return saveTips(place.gitDirectory, work.tips, former, signal);
  const head = await headOf(place, signal);
  const changes = await commitChanges(place, work.changed, head, former, signal);
  // The commit of the changes stands on HEAD: that tip is below it already.
  const tips = [changes, ...work.tips.filter((tip) => tip !== head)];
  return saveTips(place.gitDirectory, tips, former, signal);
}

/** One branch for all of them: where there are several, a commit that has them as parents. */
export async function saveTips(
  gitDirectory: string,
  tips: readonly string[],
  former: Former,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [first] = tips;
  if (first === undefined) return undefined;
  const ask = (args: readonly string[]) =>
    git([`--git-dir=${gitDirectory}`, ...args], { cwd: gitDirectory, signal, env: identity(former) });
  const message = `Work of ${former.owner} from a sandbox`;
  const parents = tips.flatMap((tip) => ["-p", tip]);
  const tip =
    tips.length === 1 ? first : await ask(["commit-tree", `${first}^{tree}`, ...parents, "-m", message]);
  const branch = `${rescueBranch}${tip.slice(0, 12)}`;
  await ask(["branch", "--force", "--no-track", branch, tip]);
  return branch;
}

/** A commit of everything that isn't committed, made beside the owner's index. */
async function commitChanges(
  place: Place,
  changed: readonly string[],
  head: string | undefined,
  former: Former,
  signal: AbortSignal,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-index-"));
  const env = { GIT_INDEX_FILE: join(directory, "index"), ...identity(former) };
  try {
    await gitAt(place, ["read-tree", head ?? "--empty"], signal, { env });
    const input = changed.map((path) => `${path}\0`).join("");
    await gitAt(place, ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"], signal, {
      env,
      input,
    });
    const tree = await gitAt(place, ["write-tree"], signal, { env });
    const parent = head === undefined ? [] : ["-p", head];
    const message = `Uncommitted changes of ${former.owner} from a sandbox`;
    return await gitAt(place, ["commit-tree", tree, ...parent, "-m", message], signal, { env });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function headOf(place: Place, signal: AbortSignal): Promise<string | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
  const head = await gitAt(place, args, signal, { allowed: [1, 128] });
  return head === "" ? undefined : head;
}
