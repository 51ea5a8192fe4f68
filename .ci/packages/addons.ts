import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Target } from "./targets.ts";

/** The native addons that all systems have: the pseudo-terminal, and the way to the C library. */
export const addons = ["@lydell/node-pty", "koffi"] as const;

/** The packages that hold the addons' binaries for one system. */
export function binariesOf({ os, cpu }: Pick<Target, "os" | "cpu">): readonly string[] {
  return [`@lydell/node-pty-${os}-${cpu}`, `@koromix/koffi-${os}-${cpu}`];
}

/**
 * Copies what the addons need to run on a system, and nothing else of their packages.
 * @param from a `node_modules` that has them
 * @param to the `node_modules` they belong in
 */
export async function copyAddons(target: Target, from: string, to: string): Promise<void> {
  for (const name of [...addons, ...binariesOf(target)]) {
    const directory = join(from, name);
    const filter = (path: string) => isNeeded(path.slice(directory.length).replaceAll("\\", "/"), target);
    await cp(directory, join(to, name), { recursive: true, filter });
  }
}

/** What an addon was built from and with, its documentation, and binaries for another C library stay at home. */
function isNeeded(path: string, { os, libc }: Target): boolean {
  if (/\/(?:doc|vendor|lib)$/.test(path)) return false;
  if (/^\/(?:linux|musl)_[a-z0-9]+$/.test(path)) return path.startsWith("/musl") === (libc === "musl");
  if (/\/(?:cnoke|indirect)\.c?js$/.test(path)) return false;
  // The terminal's other half.
  if (os === "win32" ? /\/unix\w*\.js$/.test(path) : /\/(?:windows\w*|conpty\w*)\.js$|\/worker$/.test(path))
    return false;
  const isDirectory = !/\.[^/]*$|\/[A-Z]+$/.test(path);
  return isDirectory || /\.(?:c?js|node)$|\/package\.json$|\/LICENSE(?:\.txt)?$/.test(path);
}

/**
 * The addons of another system: npm installs them by the names and versions that the lockfile holds, and compares each
 * with the digest there.
 * @param root the directory of `package.json` and `package-lock.json`
 * @param use gets the path of a `node_modules` that is gone afterwards
 * @throws Error with npm's words, or naming the addon that can't be had or isn't what the lockfile says
 */
export async function withAddons(
  root: string,
  target: Target,
  use: (modules: string) => Promise<void>,
): Promise<void> {
  const { os, cpu } = target;
  if (os === process.platform && cpu === process.arch) return use(join(root, "node_modules"));
  const directory = await mkdtemp(join(tmpdir(), "devlatch-addons-"));
  try {
    for (const file of ["package.json", "package-lock.json"])
      await cp(join(root, file), join(directory, file));
    const quiet = ["--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
    const which = [`--os=${os}`, `--cpu=${cpu}`, "--omit=dev", "--include=optional", "--ignore-scripts"];
    await execa("npm", ["ci", "--prefer-offline", ...which, ...quiet], { cwd: directory });
    const modules = join(directory, "node_modules");
    requireAddons(modules, target);
    await use(modules);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** They are optional dependencies: npm passes over one that it can't get, or whose digest is another. */
function requireAddons(modules: string, target: Target): void {
  const missing = [...addons, ...binariesOf(target)].filter((name) => !existsSync(join(modules, name)));
  if (missing.length === 0) return;
  throw new Error(
    `npm didn't install ${missing.join(", ")} for ${target.name}. ` +
      "Either the registry doesn't have the version of package-lock.json, or it isn't what the digest there says.",
  );
}
