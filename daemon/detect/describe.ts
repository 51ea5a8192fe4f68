import { type ErrorShape, toErrorShape } from "../../shared/base/errors.ts";
import { shellWord } from "../../shared/base/shell-word.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import type { AppSummary, SandboxView } from "../../shared/model/sandbox.ts";
import { agentApps, agentSteps } from "./agent-files/read.ts";
import { Chooser } from "./choose.ts";
import { type Configuration, readConfig } from "./config-file.ts";
import { locate, realDirectory } from "./locate.ts";
import type { Packages } from "./packages.ts";
import { planApp } from "./plan.ts";
import { Recogniser } from "./recognise.ts";
import { scriptServers } from "./script-servers.ts";
import { seePort } from "./see-port.ts";

/** As many apps as are described at once. */
const mostApps = 50;

type Problem = SandboxView["problems"][number];

/** Apps that are looked for without being configured; `storybook` is the one usual script beside them. */
export const usualApps: readonly string[] = ["web", "mobile", "storybook"];

/**
 * What can be started from a directory, and what is wrong with its files; see `Workspace.describe`.
 * @param packages those around `cwd`
 */
export async function describe(cwd: string, packages: Packages): Promise<Omit<SandboxView, "sandboxId">> {
  const { root } = await locate(cwd, packages);
  const file = await readConfig(root, packages.files.believed);
  const config = file.kind === "config" ? file.config : undefined;
  const problems = new Map<string, Problem>();
  const note = (error: ErrorShape) => problems.set(error.message, toProblem(error));
  if (file.kind === "invalid") note(file.problem);
  const apps: AppSummary[] = [];
  for (const app of await names(cwd, root, config, packages)) {
    const found = await summarise({ cwd, app }, root, config, packages);
    if ("problem" in found) note(found.problem);
    if ("summary" in found && !apps.some((one) => isSame(one, found.summary))) apps.push(found.summary);
  }
  try {
    for (const problem of await packageProblems(cwd, packages)) note(problem);
  } catch (error) {
    note(toErrorShape(error));
  }
  const configured = [...(config?.apps.keys() ?? [])];
  // A file that can't be read may have them all.
  const readable = file.kind !== "invalid";
  const scripts = readable
    ? await scriptServers(root, apps, new Set(configured), packages).catch(() => [])
    : [];
  const setups = config?.setup === undefined ? await setupsOf(root, packages) : [];
  for (const ignored of packages.files.believed.ignored) note(ignored);
  return {
    root,
    apps,
    ...(scripts.length > 0 ? { scripts: [...scripts] } : {}),
    ...(config ? { configured } : {}),
    ...(setups.length > 0 ? { setups } : {}),
    problems: [...problems.values()],
  };
}

/** Whether an app is listed already: an agent's file often says again what the project does. */
function isSame(one: AppSummary, other: AppSummary): boolean {
  const isAgain = other.from !== undefined && one.command === other.command && one.cwd === other.cwd;
  return one.app === other.app || isAgain;
}

async function setupsOf(root: string, packages: Packages) {
  const all = await agentSteps(root, packages);
  return all.flatMap(({ file, setup }) => (setup === undefined ? [] : [{ file, setup }]));
}

/** What apps are called here: as configured, the usual names, and those of the packages that could each be one. */
export async function names(
  cwd: string,
  root: string,
  config: Configuration | undefined,
  packages: Packages,
): Promise<readonly string[]> {
  const recogniser = new Recogniser(packages);
  const chooser = new Chooser(packages, recogniser);
  const others: string[] = [];
  for (const app of ["web", "mobile"] as const) {
    const search = { app, from: cwd, root, only: false };
    // What can't be read is told with the app itself.
    others.push(...(await chooser.names(app, search).catch(() => [])));
  }
  const ofAgents = (await agentApps(root, packages, recogniser).catch(() => [])).map(({ app }) => app);
  return [...new Set([...(config?.apps.keys() ?? []), ...usualApps, ...others, ...ofAgents])].slice(
    0,
    mostApps,
  );
}

type Found = { readonly summary: AppSummary } | { readonly problem: ErrorShape } | Record<never, never>;

async function summarise(
  wishes: { readonly cwd: string; readonly app: string },
  root: string,
  config: Configuration | undefined,
  packages: Packages,
): Promise<Found> {
  const { app } = wishes;
  try {
    return { summary: toSummary(await seePort(await planApp(wishes, root, config, packages), packages)) };
  } catch (error) {
    const problem = toErrorShape(error);
    if (config?.apps.has(app)) return { problem };
    // An app that isn't configured and that nothing offers is simply not there; of several each is there by its own name.
    const absent = problem.code === "UNKNOWN_APP" || problem.code === "AMBIGUOUS_APP" || app === "storybook";
    return absent ? {} : { problem };
  }
}

function toSummary(plan: AppPlan): AppSummary {
  const { app, cwd, port, source, from, framework, dependsOn, external } = plan;
  return {
    ...{ app, cwd, port, source },
    ...(external ? { external } : { command: plan.command.map(shellWord).join(" ") }),
    ...(from === undefined ? {} : { from }),
    ...(framework === undefined ? {} : { framework }),
    ...(plan.task ? { task: true } : {}),
    ...(dependsOn === undefined ? {} : { dependsOn: [...dependsOn] }),
  };
}

async function packageProblems(cwd: string, packages: Packages): Promise<readonly ErrorShape[]> {
  const directory = await realDirectory(cwd, "Go to a directory that exists.");
  const own = await packages.files.nearestDirectory(directory);
  if (own === undefined) return [];
  const workspace = await packages.familyOf(own);
  const all = new Set([own, ...(workspace === undefined ? [] : [workspace.root, ...workspace.members])]);
  const found = await Promise.all([...all].map((one) => packages.files.problem(one)));
  return found.filter((one) => one !== undefined);
}

function toProblem({ message, remedy, data }: ErrorShape): Problem {
  const { file, line, column } = (data ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof file !== "string") return { message, remedy };
  const place = typeof line === "number" && typeof column === "number" ? { line, column } : {};
  return { message, remedy, file, ...place };
}
