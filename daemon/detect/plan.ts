import { resolve } from "node:path";
import { hasCode } from "../../shared/base/errors.ts";
import {
  type AppPlan,
  commandSource,
  defaultPorts,
  type External,
  type PackageManager,
} from "../../shared/model/app.ts";
import { appDefaults, stopAfterAgentsOf, stopWhenUnusedOf } from "../../shared/model/config.ts";
import { type AgentApp, agentApps } from "./agent-files/read.ts";
import { Chooser } from "./choose.ts";
import type { Configuration, ConfiguredApp } from "./config-file.ts";
import { realDirectory } from "./locate.ts";
import { packageManagerOf } from "./package-manager.ts";
import type { Packages } from "./packages.ts";
import { parsePort } from "./port-flags.ts";
import { portHabits } from "./port-habits.ts";
import { hasPlaceholder, portArgumentsOf, whyFixed } from "./ports.ts";
import { Recogniser } from "./recognise.ts";
import { findRunserver } from "./runserver.ts";
import { principal, type RecognisedServer } from "./servers.ts";
import { takeAssignments } from "./shell-list.ts";
import type { PlanWishes } from "./workspace.ts";

/** The port of an app whose command, framework and name say nothing. */
const fallbackPort = 3000;

/** A command and where it comes from. */
interface Resolved {
  readonly app: string;
  readonly member?: AppPlan["member"];
  readonly source: AppPlan["source"];
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly server: RecognisedServer | undefined;
  /** The file of an agent's that names it, and the port that says. */
  readonly agents?: Pick<AgentApp, "file" | "port">;
}

/**
 * Plans one app. The caller's command comes before the configured one, that before detection; port, environment and
 * the rest of the configuration hold for all three.
 * @param root root of the sandbox
 * @param config its configuration, if there is one
 * @param packages those around the caller's directory
 */
export async function planApp(
  wishes: PlanWishes,
  root: string,
  config: Configuration | undefined,
  packages: Packages,
): Promise<AppPlan> {
  const configured = config?.apps.get(wishes.app);
  if (configured?.external !== undefined && wishes.command === undefined)
    return elsewhere(wishes.app, root, configured, configured.external);
  if (configured?.kind === "task" && configured.command !== undefined && wishes.command === undefined)
    return task(wishes.app, root, configured, configured.command, config?.file ?? root);
  const resolved = await resolveCommand(wishes, { root, config, configured, packages });
  const known = configuredThere(resolved, root, config);
  if (known !== undefined && known !== wishes.app)
    return planApp({ ...wishes, app: known }, root, config, packages);
  return toPlan(wishes, configured, resolved, await managerOf(packages, resolved));
}

/** What isn't started from here. */
function elsewhere(app: string, root: string, configured: ConfiguredApp, external: External): AppPlan {
  return {
    ...{ app, external, command: [], cwd: root, env: {}, source: "config", restart: "never" },
    ...{ port: external.tcp, portOrigin: "asked", configuredPort: external.tcp },
    ...{ stopSignal: appDefaults.stopSignal, stopTimeoutMs: 0, stopWhenUnused: false },
    ...dependenciesOf(configured),
  };
}

/** What is to end. */
async function task(
  app: string,
  root: string,
  configured: ConfiguredApp,
  command: readonly string[],
  file: string,
): Promise<AppPlan> {
  const { env, inputs = [] } = configured;
  const cwd = await realDirectory(
    resolve(root, configured.cwd ?? "."),
    `Correct "cwd" of apps.${app} in ${file}.`,
  );
  return {
    ...{ app, task: { inputs }, command, cwd, env, source: "config", restart: "never" },
    ...{ port: 0, portOrigin: "guessed", stopSignal: appDefaults.stopSignal },
    ...{ stopTimeoutMs: appDefaults.stopTimeoutMs, stopWhenUnused: false },
    ...dependenciesOf(configured),
  };
}

function dependenciesOf(configured: ConfiguredApp | undefined): Pick<AppPlan, "dependsOn"> {
  const { dependsOn = [] } = configured ?? {};
  return dependsOn.length === 0 ? {} : { dependsOn };
}

/** The app that the configuration says is in a directory: what is detected there is that one. */
function configuredThere(
  { source, app, cwd, agents }: Resolved,
  root: string,
  config: Configuration | undefined,
): string | undefined {
  if (source !== "detected" || agents || config === undefined || config.apps.has(app)) return undefined;
  const there = [...config.apps].filter(([, one]) => one.cwd !== undefined && resolve(root, one.cwd) === cwd);
  return there.length === 1 ? there[0]?.[0] : undefined;
}

interface Surroundings {
  readonly root: string;
  readonly config: Configuration | undefined;
  readonly configured: ConfiguredApp | undefined;
  readonly packages: Packages;
}

async function resolveCommand(wishes: PlanWishes, around: Surroundings): Promise<Resolved> {
  const { root, config, configured, packages } = around;
  const recogniser = new Recogniser(packages);
  const callerCwd = await realDirectory(wishes.cwd, "Go to a directory that exists, or name one with --cwd.");
  const env = configured?.env ?? {};
  if (wishes.command !== undefined) {
    const taken = takeAssignments(wishes.command);
    const server = principal(await recogniser.servers(taken.words, callerCwd));
    return {
      source: "explicit",
      app: wishes.app,
      command: taken.words,
      cwd: callerCwd,
      env: { ...env, ...taken.env },
      server,
    };
  }
  const remedy = `Correct "cwd" of apps.${wishes.app} in ${config?.file ?? root}.`;
  const configuredCwd = await realDirectory(resolve(root, configured?.cwd ?? "."), remedy);
  if (configured?.command !== undefined) {
    const { command } = configured;
    const server = principal(await recogniser.servers(command, configuredCwd));
    return { source: "config", app: wishes.app, command, cwd: configuredCwd, env, server };
  }
  const only = configured?.cwd !== undefined;
  const from = only ? configuredCwd : callerCwd;
  const chooser = new Chooser(packages, recogniser);
  const search = { app: wishes.app, from, root, only, configured: [...(config?.apps.keys() ?? [])] };
  const chosen = await chooser.choose(search).catch(async (error: unknown) => {
    const declared = only ? undefined : await agentsApp(error, wishes.app, around, recogniser);
    if (declared === undefined) throw error;
    return declared;
  });
  if ("file" in chosen) return ofAgents(chosen, env);
  const { app, member, ...found } = chosen;
  const { command, directory, server } = found;
  return { source: "detected", app, ...(member ? { member } : {}), command, cwd: directory, env, server };
}

/** What an agent's file says of an app that the project's own files don't tell, or not clearly. */
async function agentsApp(
  error: unknown,
  app: string,
  { root, packages }: Surroundings,
  recogniser: Recogniser,
): Promise<AgentApp | undefined> {
  if (!hasCode(error, "UNKNOWN_APP") && !hasCode(error, "AMBIGUOUS_APP")) return undefined;
  return (await agentApps(root, packages, recogniser)).find((one) => one.app === app);
}

function ofAgents(found: AgentApp, env: Resolved["env"]): Resolved {
  const { app, command, directory, server, file, port } = found;
  return {
    ...{ source: "detected", app, command, cwd: directory, server },
    env: { ...found.env, ...env },
    agents: { file, ...(port === undefined ? {} : { port }) },
  };
}

async function managerOf(packages: Packages, resolved: Resolved): Promise<PackageManager | undefined> {
  if (resolved.server?.packageManager !== undefined) return resolved.server.packageManager;
  const owner = await packages.files.nearestDirectory(resolved.cwd);
  return owner === undefined ? undefined : packageManagerOf(packages, owner);
}

type PlannedPort = Pick<
  AppPlan,
  | "port"
  | "portOrigin"
  | "portSource"
  | "configuredPort"
  | "ownPort"
  | "portFixed"
  | "portSpreads"
  | "givesPort"
  | "portPlaces"
>;

/** The port, as far as the command line tells; what the project's files say, `seePort` looks for. */
function portOf(
  wishes: PlanWishes,
  configured: ConfiguredApp | undefined,
  { app, member, server, command, cwd, env, agents }: Resolved,
): PlannedPort {
  const asked = wishes.port ?? configured?.port;
  const runserver = findRunserver(command);
  const told = server?.port ?? parsePort(env["PORT"]) ?? parsePort(runserver?.value.split(":").at(-1));
  const said = told ?? agents?.port;
  const saidBy = told === undefined && agents !== undefined ? agents.file : commandSource;
  const usual = server?.framework?.port ?? runserver?.port ?? defaultPorts[member ?? app] ?? fallbackPort;
  const fixed = server && whyFixed(command, server);
  return {
    port: asked ?? said ?? usual,
    portOrigin: asked !== undefined ? "asked" : said !== undefined ? "seen" : "guessed",
    ...(asked === undefined && said !== undefined ? { portSource: saidBy } : {}),
    ...(configured?.port === undefined ? {} : { configuredPort: configured.port }),
    ownPort: said ?? usual,
    ...(fixed === undefined ? {} : { portFixed: fixed }),
    ...(server !== undefined && server.argumentPrefix === undefined ? { portSpreads: true } : {}),
    ...(hasPlaceholder(command) || portHabits(server?.framework?.id).taken === "asks"
      ? { givesPort: true }
      : {}),
    portPlaces: {
      directory: server?.directory ?? cwd,
      envFiles: server?.envFiles ?? [],
      ...(server?.words === undefined ? {} : { words: server.words }),
    },
  };
}

function toPlan(
  wishes: PlanWishes,
  configured: ConfiguredApp | undefined,
  resolved: Resolved,
  packageManager: PackageManager | undefined,
): AppPlan {
  const { app, member, server, source, command, cwd, env } = resolved;
  const afterAgents = stopAfterAgentsOf(configured);
  return {
    app,
    ...(member === undefined ? {} : { member }),
    source,
    command,
    cwd,
    env,
    ...portOf(wishes, configured, resolved),
    portArguments: server === undefined ? [] : portArgumentsOf(server),
    ...(server?.framework === undefined ? {} : { framework: server.framework.id }),
    ...(packageManager === undefined ? {} : { packageManager }),
    ...(server?.script === undefined ? {} : { script: server.script }),
    ...(resolved.agents === undefined ? {} : { from: resolved.agents.file }),
    ...(configured?.ready === undefined ? {} : { ready: configured.ready }),
    stopSignal: configured?.stopSignal ?? appDefaults.stopSignal,
    stopTimeoutMs: configured?.stopTimeoutMs ?? appDefaults.stopTimeoutMs,
    restart: configured?.restart ?? appDefaults.restart,
    ...(configured?.limits === undefined ? {} : { limits: configured.limits }),
    ...dependenciesOf(configured),
    stopWhenUnused: stopWhenUnusedOf(configured?.stopWhenUnused),
    ...(afterAgents === undefined ? {} : { stopAfterAgents: afterAgents }),
  };
}
