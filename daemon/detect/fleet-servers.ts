import { matchesName } from "./globs.ts";
import { nxProject } from "./nx.ts";
import type { Package } from "./package-json.ts";
import { nodeRun, type PackageManagerCommand } from "./package-manager-command.ts";
import type { Packages } from "./packages.ts";
import type { Fleet } from "./parallel-runners.ts";
import { readProcfile } from "./procfile.ts";
import { resolveSafely, type Scope, scriptId } from "./scope.ts";
import { selectedPackages } from "./selection.ts";
import { plainServer, type RecognisedServer, servingScripts, withoutArguments } from "./servers.ts";

/** How what a runner starts is read. */
export interface FleetReaders {
  line(line: string, args: readonly string[], scope: Scope): Promise<readonly RecognisedServer[]>;
  managed(command: PackageManagerCommand, scope: Scope): Promise<readonly RecognisedServer[]>;
  script(
    command: Extract<PackageManagerCommand, { kind: "script" }>,
    owner: Package,
    scope: Scope,
  ): Promise<readonly RecognisedServer[]>;
  /** @throws DevlatchError `CONFIG_INVALID` where that is more than a question may cost */
  pay(entries: number, scope: Scope): Promise<void>;
}

/**
 * The servers that a runner of several commands, scripts or packages' tasks starts, in its order.
 * @param read how each of them is read
 * @throws DevlatchError `CONFIG_INVALID` where reading them costs too much
 */
export async function fleetServers(
  fleet: Fleet,
  scope: Scope,
  packages: Packages,
  read: FleetReaders,
): Promise<readonly RecognisedServer[]> {
  if (fleet.kind === "tasks") return tasks(fleet, scope, packages, read);
  return withoutArguments(await runnersServers(fleet, scope, packages, read));
}

async function runnersServers(
  fleet: Exclude<Fleet, { kind: "tasks" }>,
  scope: Scope,
  packages: Packages,
  read: FleetReaders,
): Promise<readonly RecognisedServer[]> {
  switch (fleet.kind) {
    case "lines":
      return each(fleet.lines, async (line) => {
        const expanded = await expandScripts(line, scope, packages, read);
        return each(expanded, (one) => read.line(one, [], scope));
      });
    case "scripts": {
      const names = await each(fleet.names, (name) => scriptNames(name, scope, packages, read));
      return each(names, (script) => read.managed(nodeRun(script, []), scope));
    }
    case "procfile": {
      const entries = await readProcfile(packages, resolveSafely(scope.cwd, fleet.file));
      const wanted = entries.filter(({ name }) => fleet.names.length === 0 || fleet.names.includes(name));
      return each(wanted, ({ line }) => read.line(line, [], { ...scope, serving: true }));
    }
  }
}

/** `npm run dev:*`, as concurrently allows it. */
async function expandScripts(
  line: string,
  scope: Scope,
  packages: Packages,
  read: FleetReaders,
): Promise<readonly string[]> {
  const found = /^(\w+ run )(\S*\*\S*)(.*)$/.exec(line);
  if (found === null) return [line];
  const names = await scriptNames(found[2] ?? "", scope, packages, read);
  return names.map((name) => `${found[1] ?? ""}${name}${found[3] ?? ""}`);
}

async function scriptNames(
  pattern: string,
  scope: Scope,
  packages: Packages,
  read: FleetReaders,
): Promise<readonly string[]> {
  if (!pattern.includes("*")) return [pattern];
  const owner = await packages.files.nearest(scope.cwd);
  await read.pay(owner?.scripts.size ?? 0, scope);
  // `:` parts a script's name as `/` parts a path.
  const glob = pattern.replaceAll(":", "/");
  return [...(owner?.scripts.keys() ?? [])].filter((name) => matchesName(name.replaceAll(":", "/"), glob));
}

/**
 * Tasks of a monorepo runner: packages' scripts, and Nx' targets. Where none of them is known, the task's name decides: a
 * plugin of its own may infer it.
 */
async function tasks(
  fleet: Extract<Fleet, { kind: "tasks" }>,
  scope: Scope,
  packages: Packages,
  read: FleetReaders,
): Promise<readonly RecognisedServer[]> {
  const base = resolveSafely(scope.cwd, fleet.selection.directory ?? ".");
  const selected = (await selectedPackages(packages, fleet.selection, base)) ?? [];
  const { selection, args = [] } = fleet;
  const found = await each(fleet.tasks, async (task) => {
    let known = false;
    const servers = await each(selected, async (one) => {
      if (one.scripts.has(task) && !scope.within.has(scriptId(one, task))) {
        known = true;
        const run = { kind: "script", manager: "npm", script: task, args, selection, separator: [] } as const;
        return read.script(run, one, { ...scope, cwd: one.directory });
      }
      const target = (await nxProject(packages, one))?.targets.get(task);
      if (target === undefined) return [];
      known = true;
      const id = `${scriptId(one, task)}\nnx`;
      if (scope.within.has(id)) return [];
      return read.line(target.line, args, {
        ...scope,
        cwd: target.directory,
        serving: scope.serving || servingScripts.includes(task),
        within: new Set([...scope.within, id]),
      });
    });
    if (!known && servingScripts.includes(task)) return [plainServer({ ...scope, cwd: base }, [])];
    return servers.map(({ packageManager: _manager, script: _script, ...one }) => one);
  });
  return fleet.args !== undefined && found.length === 1 ? found : withoutArguments(found);
}

async function each<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(...(await work(item)));
  return results;
}
