import { DevlatchError } from "../../shared/base/errors.ts";
import { isWithin } from "../../shared/base/within.ts";
import type { AppSummary, SandboxView } from "../../shared/model/sandbox.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import type { MeantApp, MeantApps } from "../../shared/protocol/apps.ts";
import type { SessionRegistry } from "../sessions/registry.ts";
import type { Target } from "../sessions/target.ts";
import type { Locator } from "./locator.ts";

/** As many are named in one answer as a person reads. */
const mostNamed = 6;
/** More servers than a person means who names none: a repository of examples has fifty. */
const mostUnnamed = 8;

/** Which apps of a project a caller means who names several, or none. */
export class ProjectApps {
  readonly #locator: Pick<Locator, "about" | "describe" | "session" | "target" | "sandbox">;
  readonly #registry: Pick<SessionRegistry, "all">;

  constructor(
    locator: Pick<Locator, "about" | "describe" | "session" | "target" | "sandbox">,
    registry: Pick<SessionRegistry, "all">,
  ) {
    this.#locator = locator;
    this.#registry = registry;
  }

  /**
   * The apps to start, what they depend on first. Without names it is what `devlatch.json` has, else what the root's own
   * script starts (as `npm run dev` would), else every package; within one of these directories only what is there.
   * @throws DevlatchError as `Locator.target` for the first name that is nothing; `CONFIG_INVALID` where two want one port;
   *   `AMBIGUOUS_APP` where one directory has several and none is named
   */
  async toStart(cwd: string, names: readonly string[]): Promise<MeantApps> {
    const project = this.#locator.about(cwd);
    const here = await this.#locator.describe(cwd, project);
    const { directory } = await this.#locator.sandbox(cwd, project);
    const meant = names.length > 0 ? names : unnamed(directory, here);
    const targets = await Promise.all(meant.map((app) => this.#locator.target({ cwd, app }, project)));
    const byName = new Map(targets.map((target) => [target.plan.app, target]));
    refuseOnePort([...byName.values()]);
    const apps = [...byName.values()].map(({ plan, sandboxId }) => ({
      app: plan.app,
      dependsOn: [...(plan.dependsOn ?? [])],
      active: this.#isActive(sandboxId, plan.app),
      ...(plan.external ? { external: plan.external } : {}),
    }));
    return { apps: inOrder(apps) };
  }

  /**
   * The apps whose servers are meant, what they depend on first: those that are named, else those that run here, else those
   * that ran.
   * @param dependents whether what runs and depends on those that are named is meant, too
   * @throws DevlatchError `AMBIGUOUS_APP`, `DIRECTORY_MISSING`
   */
  async running(cwd: string, names: readonly string[], dependents = false): Promise<MeantApps> {
    const { sandboxId, root, directory } = await this.#locator.sandbox(cwd);
    const named = await Promise.all(names.map(async (app) => (await this.#locator.session(cwd, app)).app));
    const records = this.#registry.all().filter((one) => one.sandboxId === sandboxId);
    const running = records.filter(({ state }) => isActive(state));
    const near = nearest(
      directory,
      root,
      running.length > 0 ? running : records,
      ({ settings }) => settings.cwd,
    );
    const meant = named.length > 0 ? named : near.map(({ app }) => app);
    const dependencies = await this.#dependencies(cwd);
    const all = dependents
      ? withDependents(
          meant,
          dependencies,
          running.map(({ app }) => app),
        )
      : meant;
    const apps = [...new Set(all)].map((app) => ({
      app,
      dependsOn: dependencies.get(app) ?? [],
      active: this.#isActive(sandboxId, app),
    }));
    return { apps: inOrder(apps) };
  }

  async #dependencies(cwd: string): Promise<ReadonlyMap<string, string[]>> {
    // What runs can be stopped whatever became of its files.
    const { apps } = await this.#locator.describe(cwd).catch(() => ({ apps: [] as AppSummary[] }));
    return new Map(apps.map(({ app, dependsOn = [] }) => [app, [...dependsOn]]));
  }

  #isActive(sandboxId: string, app: string): boolean {
    const found = this.#registry
      .all()
      .find((one: SessionRecord) => one.sandboxId === sandboxId && one.app === app);
    return found !== undefined && isActive(found.state);
  }
}

/** What is meant without a name. @throws DevlatchError `AMBIGUOUS_APP` */
function unnamed(directory: string, here: SandboxView): readonly string[] {
  const { root, configured = [] } = here;
  const own = here.apps.filter(({ app }) => configured.includes(app));
  const around = nearest(
    directory,
    root,
    configured.length > 0 ? own : usual(here.apps, root),
    ({ cwd }) => cwd,
  );
  const meant = around.map(({ app }) => app);
  if (configured.length === 0) {
    refuseOneDirectory(around);
    refuseMany(meant, root);
  }
  // What is configured and can't be planned is an error of its own.
  const broken = around === own ? configured.filter((app) => !meant.includes(app)) : [];
  return meant.length + broken.length === 0 ? ["web"] : [...meant, ...broken];
}

/** Of several places the innermost that the caller is in, below the root; all where the caller is in none of them. */
function nearest<T>(
  cwd: string,
  root: string,
  all: readonly T[],
  directoryOf: (one: T) => string,
): readonly T[] {
  const inside = all
    .map(directoryOf)
    .filter((directory) => directory !== root && isWithin(cwd, directory))
    .sort((a, b) => b.length - a.length);
  return inside[0] === undefined ? all : all.filter((one) => directoryOf(one) === inside[0]);
}

/**
 * What `npm run dev` would start: the root's own script where there is one. A tool beside the app isn't the app, nor is
 * what only an agent's file names, unless there is nothing else.
 */
function usual(apps: readonly AppSummary[], root: string): readonly AppSummary[] {
  const own = apps.filter(({ from }) => from === undefined);
  const servers = (own.length > 0 ? own : apps).filter(({ app }) => app !== "storybook");
  const ofRoot = servers.filter(({ cwd }) => cwd === root);
  return ofRoot.length > 0 ? ofRoot : servers;
}

/** @throws DevlatchError `AMBIGUOUS_APP` */
function refuseMany(apps: readonly string[], root: string): void {
  if (apps.length <= mostUnnamed) return;
  const named = apps.slice(0, mostNamed);
  throw new DevlatchError(
    "AMBIGUOUS_APP",
    `Which apps do you mean? In ${root} ${apps.length} could be started: ${named.join(", ")}, …`,
    "Name one or several (devlatch detect lists them), go into the directory of one, or name in devlatch.json those that belong together.",
    { data: { candidates: [...apps] } },
  );
}

/** One package that is several apps (a page and a phone app) has one dev script after another, not one beside the other. */
function refuseOneDirectory(apps: readonly AppSummary[]): void {
  const shared = apps.find((one) => apps.some((other) => other !== one && other.cwd === one.cwd));
  if (shared === undefined) return;
  const names = apps.filter(({ cwd }) => cwd === shared.cwd).map(({ app }) => app);
  const commands = names.slice(0, mostNamed).map((app) => `devlatch start ${app}`);
  throw new DevlatchError(
    "AMBIGUOUS_APP",
    `Which app do you mean? ${shared.cwd} has ${names.join(", ")}.`,
    `Name one or several: ${commands.join(", ")}${names.length > mostNamed ? ", …" : ""}.`,
    { data: { candidates: names } },
  );
}

/** Two that were told the same port can't both have it: known before anything is started. */
function refuseOnePort(targets: readonly Target[]): void {
  const asked = targets.filter(({ plan }) => plan.portOrigin === "asked" && !plan.external);
  for (const { plan } of asked) {
    const other = asked.find((one) => one.plan !== plan && one.plan.port === plan.port);
    if (other === undefined) continue;
    throw new DevlatchError(
      "CONFIG_INVALID",
      `${plan.app} and ${other.plan.app} both want port ${plan.port}.`,
      "Give one of them another port in devlatch.json.",
      { data: { port: plan.port, apps: [plan.app, other.plan.app] } },
    );
  }
}

/** These and what depends on them, by way of whatever: a task in between doesn't run, and passes it on. */
function withDependents(
  names: readonly string[],
  dependencies: ReadonlyMap<string, readonly string[]>,
  running: readonly string[],
): readonly string[] {
  const found = new Set(names);
  // A set goes on with what is added to it meanwhile.
  for (const name of found)
    for (const [app, dependsOn] of dependencies) if (dependsOn.includes(name)) found.add(app);
  return [...found].filter((app) => names.includes(app) || running.includes(app));
}

/** What others depend on comes first; else as it was. Circles, which configuration refuses, end it too. */
function inOrder(apps: readonly MeantApp[]): MeantApp[] {
  const ordered: MeantApp[] = [];
  const left = new Map(apps.map((one) => [one.app, one]));
  while (left.size > 0) {
    const free = [...left.values()].filter(({ dependsOn }) => !dependsOn.some((name) => left.has(name)));
    const next = free.length > 0 ? free : [...left.values()];
    for (const one of next) {
      ordered.push(one);
      left.delete(one.app);
    }
  }
  return ordered;
}
