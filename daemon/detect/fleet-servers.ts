import { matchesName } from "./globs.ts";
import type { Package } from "./package-json.ts";
import { nodeRun, type PackageManagerCommand } from "./package-manager-command.ts";
import type { Packages } from "./packages.ts";
import type { Fleet } from "./parallel-runners.ts";
import { readProcfile } from "./procfile.ts";
import { resolveSafely, type Scope, scriptId } from "./scope.ts";
import { selectedPackages } from "./selection.ts";
import { plainServer, type RecognisedServer, servingScripts } from "./servers.ts";

/** How what a runner starts is read. */
export interface FleetReaders {
  line(line: string, scope: Scope): Promise<readonly RecognisedServer[]>;
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
  switch (fleet.kind) {
    case "lines":
      return each(fleet.lines, async (line) => {
        const expanded = await expandScripts(line, scope, packages, read);
        return each(expanded, (one) => read.line(one, scope));
      });
    case "scripts": {
      const names = await each(fleet.names, (name) => scriptNames(name, scope, packages, read));
      return each(names, (script) => read.managed(nodeRun(script, []), scope));
    }
    case "tasks":
      return tasks(fleet, scope, packages, read);
    case "procfile": {
      const entries = await readProcfile(packages, resolveSafely(scope.cwd, fleet.file));
      const wanted = entries.filter(({ name }) => fleet.names.length === 0 || fleet.names.includes(name));
      return each(wanted, ({ line }) => read.line(line, { ...scope, serving: true }));
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
  const owner = await packages.nearest(scope.cwd);
  await read.pay(owner?.scripts.size ?? 0, scope);
  // `:` parts a script's name as `/` parts a path.
  const glob = pattern.replaceAll(":", "/");
  return [...(owner?.scripts.keys() ?? [])].filter((name) => matchesName(name.replaceAll(":", "/"), glob));
}

/**
 * Tasks of a monorepo runner. Where no package has the task as a script, its name decides: targets can be inferred.
 */
async function tasks(
  fleet: Extract<Fleet, { kind: "tasks" }>,
  scope: Scope,
  packages: Packages,
  read: FleetReaders,
): Promise<readonly RecognisedServer[]> {
  const base = resolveSafely(scope.cwd, fleet.selection.directory ?? ".");
  const selected = (await selectedPackages(packages, fleet.selection, base)) ?? [];
  return each(fleet.tasks, async (task) => {
    const having = selected.filter((one) => one.scripts.has(task) && !scope.within.has(scriptId(one, task)));
    if (having.length === 0)
      return servingScripts.includes(task) ? [plainServer({ ...scope, cwd: base }, [])] : [];
    const servers = await each(having, (one) =>
      read.script(
        {
          kind: "script",
          manager: "npm",
          script: task,
          args: [],
          selection: fleet.selection,
          separator: [],
        },
        one,
        { ...scope, cwd: one.directory },
      ),
    );
    return servers.map(({ packageManager: _manager, script: _script, ...one }) => one);
  });
}

async function each<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(...(await work(item)));
  return results;
}
