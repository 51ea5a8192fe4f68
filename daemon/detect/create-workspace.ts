import { join, relative, resolve, sep } from "node:path";
import { runWithDeadline } from "../../shared/base/deadline.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import { type AppPlan, type Detection, defaultPorts } from "../../shared/model/app.ts";
import { sandboxesDefaults } from "../../shared/model/config.ts";
import { configFileName } from "../../shared/model/config-file-name.ts";
import { ignoredLine } from "./believed.ts";
import { readConfig } from "./config-file.ts";
import { describe } from "./describe.ts";
import { startsAgain } from "./entry-file.ts";
import { inputDigest } from "./input-digest.ts";
import { locate, realDirectory } from "./locate.ts";
import { type MissingModules, missingModules } from "./missing-modules.ts";
import { packageManagerOf } from "./package-manager.ts";
import { Packages } from "./packages.ts";
import { planApp } from "./plan.ts";
import { applyPort } from "./ports.ts";
import { projectScript } from "./project-script.ts";
import { Recogniser } from "./recognise.ts";
import { kinships, wordsOf } from "./running.ts";
import { scriptTexts } from "./script-texts.ts";
import { portSeen, seePort } from "./see-port.ts";
import { principal, type RecognisedServer } from "./servers.ts";
import { startedApps } from "./started-apps.ts";
import type { CommandIn, ConfiguredSteps, PlanWishes, PoolSettings, Workspace } from "./workspace.ts";

/** How long the packages of a workspace may take to be read, in milliseconds. */
const packagesMs = 2_000;

/**
 * How long one question may take, in milliseconds: longer than its budget and one slow file. Over it goes only where the file
 * system doesn't answer at all (a network disk that is away).
 */
const questionMs = 20_000;

/**
 * Reads workspaces from the file system, afresh for every question.
 * @param trustedFile see `trustedFileIn`; without one, what others put above a project is ignored without exception
 * @param patienceMs how long a file system may leave a question without an answer
 */
export function createWorkspace(trustedFile?: string, patienceMs = questionMs): Workspace {
  type Read<T> = (packages: Packages) => Promise<T>;
  const around = (cwd: string) => Packages.around(cwd, trustedFile);
  const reading = <T>(cwd: string, read: Read<T>, packages = around(cwd)): Promise<T> => {
    const whole = async () => read(await packages);
    return runWithDeadline(patienceMs, `Reading the project in ${cwd}`, whole).catch((error: unknown) => {
      throw hasCode(error, "DEADLINE") ? silentDisk(cwd, error) : error;
    });
  };
  return {
    locate: (cwd) => reading(cwd, (packages) => locate(cwd, packages)),
    plan: (wishes) => reading(wishes.cwd, (packages) => plan(wishes, packages)),
    about: (cwd) => {
      const same = around(cwd);
      const again = async () => (await same).again();
      return {
        locate: () => reading(cwd, (packages) => locate(cwd, packages), again()),
        plan: (wishes) => reading(cwd, (packages) => plan({ ...wishes, cwd }, packages), again()),
        describe: () => reading(cwd, (packages) => describe(cwd, packages), again()),
      };
    },
    seePort: (found) => reading(found.cwd, (packages) => seePort(found, packages)).catch(() => found),
    onPort: applyPort,
    describe: (cwd) => reading(cwd, (packages) => describe(cwd, packages)),
    steps: (root) => reading(root, (packages) => steps(root, packages)),
    pool: (root) => reading(root, (packages) => pool(root, packages)),
    packageDirectories: (root) => quickly(reading(root, (packages) => packageDirectories(root, packages))),
    kinships: (of, lineages) => reading(of.cwd, (packages) => kinships(of, lineages, packages)),
    startsAgain: (one, started) =>
      one.cwd === started.cwd && startsAgain(wordsOf(one.command), wordsOf(started.command), one.cwd),
    missingModules: (cwd) => missing(reading(cwd, (packages) => missingModules(cwd, packages))),
    inputDigest,
    isSameServer: (one, other) =>
      reading(one.cwd, (packages) => isSameServer(one, other, packages)).catch(() => false),
    script: (name, cwd) => reading(cwd, (packages) => projectScript(cwd, name, packages)),
    detect: (command, cwd) => reading(cwd, (packages) => detect(command, cwd, packages)),
    scriptTexts: (line, cwd) => reading(cwd, (packages) => scriptTexts(line, resolve(cwd), packages)),
    startedBy: (line, cwd) =>
      reading(cwd, (packages) => startedApps(line, resolve(cwd), packages, trustedFile)),
  };
}

function silentDisk(cwd: string, cause: unknown): DevlatchError {
  return new DevlatchError(
    "DEADLINE",
    `The project in ${cwd} can't be read: its file system doesn't answer.`,
    "Look at it with: ls. If it is a network disk, connect it again.",
    { cause },
  );
}

async function plan(wishes: PlanWishes, packages: Packages): Promise<AppPlan> {
  const root = wishes.root ?? (await locate(wishes.cwd, packages)).root;
  const file = await readConfig(root, packages.files.believed);
  if (file.kind === "invalid") throw file.problem;
  await passOver(wishes.cwd, file.kind === "config" ? root : undefined, packages);
  const config = file.kind === "config" ? file.config : undefined;
  const found = await planApp(wishes, root, config, packages).catch((error: unknown) => {
    throw withIgnored(error, packages);
  });
  const notice = ignoredLine(packages.files.believed.ignored);
  return notice === undefined ? found : { ...found, notice };
}

/**
 * What was passed over when the root was located is told with the plan, too.
 * @param configured the directory of the `devlatch.json` that counts; undefined where none does
 */
async function passOver(cwd: string, configured: string | undefined, packages: Packages): Promise<void> {
  for (const one of await packages.files.ancestors(
    await realDirectory(cwd, "Go to a directory that exists."),
  )) {
    if (one === configured) return;
    await packages.files.believed.has(join(one, configFileName));
  }
}

/** What isn't found may be what was ignored. */
function withIgnored(error: unknown, packages: Packages): unknown {
  const ignored = ignoredLine(packages.files.believed.ignored);
  if (ignored === undefined || !hasCode(error)) return error;
  const { code, message, remedy, data } = error;
  return new DevlatchError(code, message, `${ignored} ${remedy}`, { data, cause: error });
}

async function steps(root: string, { files }: Packages): Promise<ConfiguredSteps> {
  const file = await readConfig(root, files.believed);
  if (file.kind === "invalid") throw file.problem;
  const { setup, teardown } = file.kind === "config" ? file.config : {};
  return { ...(setup ? { setup } : {}), ...(teardown ? { teardown } : {}) };
}

async function pool(root: string, { files }: Packages): Promise<PoolSettings> {
  const file = await readConfig(root, files.believed);
  if (file.kind === "invalid") throw file.problem;
  const { max, warm, directory, keep } = (file.kind === "config" ? file.config.sandboxes : undefined) ?? {};
  return {
    max: max ?? sandboxesDefaults.max,
    warm: warm ?? sandboxesDefaults.warm,
    keep: keep ?? [],
    ...(directory === undefined ? {} : { directory: resolve(root, directory) }),
  };
}

async function packageDirectories(root: string, packages: Packages): Promise<ReadonlyMap<string, string>> {
  const workspace = await packages.workspaceAt(root);
  const all = await packages.files.all(workspace?.members ?? []);
  return new Map(
    all.flatMap(({ name, directory }) =>
      name === undefined ? [] : [[name, relative(root, directory).split(sep).join("/")] as const],
    ),
  );
}

function quickly(read: Promise<ReadonlyMap<string, string>>): Promise<ReadonlyMap<string, string>> {
  return runWithDeadline(packagesMs, "Reading the workspace's packages", () => read).catch(() => new Map());
}

function missing(read: Promise<MissingModules | undefined>): Promise<MissingModules | undefined> {
  return runWithDeadline(packagesMs, "Looking for installed packages", () => read).catch(() => undefined);
}

async function isSameServer(one: CommandIn, other: CommandIn, packages: Packages): Promise<boolean> {
  const recogniser = new Recogniser(packages);
  const [first, second] = await Promise.all(
    [one, other].map(async ({ command, cwd }) => principal(await recogniser.servers(command, cwd, true))),
  );
  return first?.words !== undefined && identityOf(first) === identityOf(second);
}

/** What makes two commands one server: where it runs, its program with all its words, and a port in front of it. */
function identityOf(server: RecognisedServer | undefined): string | undefined {
  return server && JSON.stringify([server.directory, server.framework?.id, server.words, server.port]);
}

async function detect(command: readonly string[], cwd: string, packages: Packages): Promise<Detection> {
  const directory = resolve(cwd);
  const server = principal(await new Recogniser(packages).servers(command, directory));
  const found = server === undefined ? { devServer: false } : await detectionOf(server, packages);
  const notice = ignoredLine(packages.files.believed.ignored);
  return notice === undefined ? found : { ...found, notice };
}

async function detectionOf(server: RecognisedServer, packages: Packages): Promise<Detection> {
  const { app, framework, script } = server;
  const owner = await packages.files.nearestDirectory(server.directory);
  const port = server.port ?? (await portSeen(server, packages)) ?? framework?.port ?? defaultPorts[app];
  const packageManager =
    server.packageManager ?? (owner === undefined ? undefined : await packageManagerOf(packages, owner));
  return {
    devServer: true,
    app,
    port,
    ...(framework === undefined ? {} : { framework: framework.id }),
    ...(packageManager === undefined ? {} : { packageManager }),
    ...(script === undefined ? {} : { script }),
  };
}
