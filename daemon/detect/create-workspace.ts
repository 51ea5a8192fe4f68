import { relative, resolve, sep } from "node:path";
import { runWithDeadline } from "../../shared/base/deadline.ts";
import { type AppPlan, type Detection, defaultPorts } from "../../shared/model/app.ts";
import { sandboxesDefaults } from "../../shared/model/config.ts";
import { readConfig } from "./config-file.ts";
import { describe } from "./describe.ts";
import { locate } from "./locate.ts";
import { packageManagerOf } from "./package-manager.ts";
import { Packages } from "./packages.ts";
import { planApp } from "./plan.ts";
import { applyPort } from "./ports.ts";
import { Recogniser } from "./recognise.ts";
import { principal } from "./servers.ts";
import type { PlanWishes, PoolSettings, Workspace } from "./workspace.ts";

/** How long the packages of a workspace may take to be read, in milliseconds. */
const packagesMs = 2_000;

/** Reads workspaces from the file system, afresh for every question. */
export function createWorkspace(): Workspace {
  return { locate, plan, onPort: applyPort, describe, pool, packageDirectories, detect };
}

async function plan(wishes: PlanWishes): Promise<AppPlan> {
  const root = wishes.root ?? (await locate(wishes.cwd)).root;
  const file = await readConfig(root);
  if (file.kind === "invalid") throw file.problem;
  return planApp(wishes, root, file.kind === "config" ? file.config : undefined);
}

async function pool(root: string): Promise<PoolSettings> {
  const file = await readConfig(root);
  if (file.kind === "invalid") throw file.problem;
  const { max, warm, directory, keep } = (file.kind === "config" ? file.config.sandboxes : undefined) ?? {};
  return {
    max: max ?? sandboxesDefaults.max,
    warm: warm ?? sandboxesDefaults.warm,
    keep: keep ?? [],
    ...(directory === undefined ? {} : { directory: resolve(root, directory) }),
  };
}

async function packageDirectories(root: string): Promise<ReadonlyMap<string, string>> {
  const read = async () => {
    const packages = new Packages();
    const workspace = await packages.workspaceAt(root);
    const all = await packages.all(workspace?.members ?? []);
    return new Map(
      all.flatMap(({ name, directory }) =>
        name === undefined ? [] : [[name, relative(root, directory).split(sep).join("/")] as const],
      ),
    );
  };
  return runWithDeadline(packagesMs, "Reading the workspace's packages", read).catch(() => new Map());
}

async function detect(command: readonly string[], cwd: string): Promise<Detection> {
  const packages = new Packages();
  const directory = resolve(cwd);
  const server = principal(await new Recogniser(packages).servers(command, directory));
  if (server === undefined) return { devServer: false };
  const { app, framework, script } = server;
  const owner = await packages.nearestDirectory(server.directory);
  const packageManager =
    server.packageManager ?? (owner === undefined ? undefined : await packageManagerOf(packages, owner));
  return {
    devServer: true,
    app,
    port: server.port ?? framework?.port ?? defaultPorts[app],
    ...(framework === undefined ? {} : { framework: framework.id }),
    ...(packageManager === undefined ? {} : { packageManager }),
    ...(script === undefined ? {} : { script }),
  };
}
