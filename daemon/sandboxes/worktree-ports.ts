import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { readRegularFile } from "../../shared/base/regular-file.ts";
import { digest } from "../../shared/base/token.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import { type AppPorts, appPort, isServer, type PortBlock } from "../../shared/model/sandbox.ts";
import type { Workspace } from "../detect/workspace.ts";
import type { PortBlocks } from "./port-blocks.ts";

/** A place that isn't the repository's main checkout. */
interface LinkedWorktree {
  /** Its top directory. */
  readonly top: string;
  /** The name git keeps it by. */
  readonly name: string;
  /** Where git keeps all further worktrees of the repository; absolute. */
  readonly administration: string;
}

/** Longest `.git` file that is read, in bytes: it holds one path. */
const maxBytes = 16_384;

/** Ports of the worktrees that a repository has beside its main checkout, not only pools' own: a block each, which stays. */
export class WorktreePorts {
  readonly #blocks: Pick<PortBlocks, "keep" | "known">;
  readonly #workspace: Pick<Workspace, "describe">;
  readonly #machineId: string;

  constructor(
    blocks: Pick<PortBlocks, "keep" | "known">,
    workspace: Pick<Workspace, "describe">,
    machineId: string,
  ) {
    this.#blocks = blocks;
    this.#workspace = workspace;
    this.#machineId = machineId;
  }

  /**
   * The port that an app has in its worktree.
   * @returns undefined where it is in the main checkout or in none, or its sandbox has ports already
   * @throws DevlatchError `PORT_CONFLICT` when there is no room left, `STORE_UNAVAILABLE`, the signal's reason
   */
  async portOf(
    {
      root,
      plan,
      block: pooled,
    }: { readonly root: string; readonly plan: AppPlan; readonly block?: PortBlock },
    signal: AbortSignal,
  ): Promise<{ readonly port: number; readonly block: PortBlock } | undefined> {
    const block = pooled === undefined ? await this.give(root, signal, { [plan.app]: plan.port }) : undefined;
    return block && { port: appPort(block, plan.app, plan.port), block };
  }

  /**
   * Has the worktree whose project is in this directory get its ports, where it has none yet.
   * @param more apps that aren't found in the files, with their ports
   * @returns undefined in the main checkout, and where there is none
   * @throws DevlatchError as {@link portOf}
   */
  async give(root: string, signal: AbortSignal, more: AppPorts = {}): Promise<PortBlock | undefined> {
    const found = await linkedWorktree(root);
    if (found === undefined) return undefined;
    const { apps } = await this.#workspace.describe(root);
    const own = Object.fromEntries(apps.filter(isServer).map(({ app, port }) => [app, port]));
    const place = { pool: this.#poolOf(found, root), slot: found.name, slots: await namesIn(found) };
    return this.#blocks.keep({ ...place, bases: { ...own, ...more } }, signal);
  }

  /** The ports of the worktree whose project is in this directory; undefined where none were given yet. */
  async known(root: string): Promise<PortBlock | undefined> {
    const found = await linkedWorktree(root);
    return found && this.#blocks.known(this.#poolOf(found, root), found.name);
  }

  /** One for all worktrees of a repository, for each project in it. */
  #poolOf({ top, administration }: LinkedWorktree, root: string): string {
    return digest([this.#machineId, "worktrees", administration, relative(top, root)].join("\n"));
  }
}

/** The worktree a directory is in, if git made it for a repository whose main checkout is elsewhere. */
async function linkedWorktree(directory: string): Promise<LinkedWorktree | undefined> {
  for (let top = directory; ; top = dirname(top)) {
    const file = await gitFile(join(top, ".git"));
    if (file === "directory") return undefined;
    if (file !== undefined) return worktreeOf(top, file);
    if (dirname(top) === top) return undefined;
  }
}

/** What `.git` is: a directory in a main checkout, else a file with a path. */
async function gitFile(path: string): Promise<{ readonly text: string } | "directory" | undefined> {
  try {
    const found = await readRegularFile(path, maxBytes);
    return found.kind === "bytes" ? { text: new TextDecoder().decode(found.bytes) } : "directory";
  } catch {
    return undefined;
  }
}

/** A submodule's file leads into `modules`. */
async function worktreeOf(
  top: string,
  { text }: { readonly text: string },
): Promise<LinkedWorktree | undefined> {
  const path = /^gitdir: (.+)/.exec(text)?.[1]?.trim().replaceAll("\0", "");
  const own = path === undefined ? undefined : await realpath(resolve(top, path)).catch(() => undefined);
  if (own === undefined || basename(dirname(own)) !== "worktrees") return undefined;
  return { top, name: basename(own), administration: dirname(own) };
}

async function namesIn({ administration, name }: LinkedWorktree): Promise<readonly string[]> {
  const names = await readdir(administration).catch(() => []);
  return [...new Set([...names, name])];
}
