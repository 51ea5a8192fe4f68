import { relative, sep } from "node:path";
import { DevlatchError } from "../../shared/base/errors.ts";
import { digest } from "../../shared/base/token.ts";
import { RunKey } from "../../shared/model/run.ts";
import type { ProjectScript } from "../../shared/protocol/scripts.ts";
import { readConfig } from "./config-file.ts";
import { locate, realDirectory } from "./locate.ts";
import type { Package } from "./package-json.ts";
import { packageManagerOf, scriptCommand } from "./package-manager.ts";
import type { Packages } from "./packages.ts";
import { Recogniser } from "./recognise.ts";
import { principal } from "./servers.ts";

/** As many scripts are named in one answer as a person reads. */
const mostNamed = 12;

/**
 * What the name of a script or task stands for; see `Workspace.script`.
 * @param packages those around `cwd`
 */
export async function projectScript(cwd: string, script: string, packages: Packages): Promise<ProjectScript> {
  const { root } = await locate(cwd, packages);
  const config = await readConfig(root, packages.files.believed);
  if (config.kind === "invalid") throw config.problem;
  const app = config.kind === "config" ? config.config.apps.get(script) : undefined;
  if (app?.kind === "task") return { kind: "task", app: script };
  const owners = await ownersOf(cwd, packages);
  const owner = owners.find((one) => one.scripts.has(script));
  if (owner === undefined) throw app ? serves(script) : noScript(script, owners, cwd);
  const command = [...scriptCommand(await packageManagerOf(packages, owner.directory), script)];
  const server = principal(await new Recogniser(packages).servers(command, owner.directory));
  if (server !== undefined) return { kind: "server" };
  const key = keyOf(relative(root, owner.directory), script);
  return { kind: "script", key, command, cwd: owner.directory, says: owner.scripts.get(script) ?? "" };
}

/** The package around a directory, then the root of its workspace. */
async function ownersOf(cwd: string, packages: Packages): Promise<readonly Package[]> {
  const directory = await realDirectory(cwd, "Give a directory that exists.");
  const own = await packages.files.nearest(directory);
  const workspace = own && (await packages.workspaceOf(own.directory));
  const root = workspace && (await packages.files.at(workspace.root));
  return [own, root].filter((one) => one !== undefined);
}

/** `build`, `apps/web:build`; a name that no key can have is told apart by its digest. */
function keyOf(path: string, script: string): RunKey {
  const name = path === "" ? script : `${path.split(sep).join("/")}:${script}`;
  if (RunKey.safeParse(name).success) return name;
  return `${name.replace(/[^A-Za-z0-9._:/-]/g, "-").slice(0, 80)}-${digest(name)}`;
}

function serves(app: string): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    `${app} is an app with a server, no script or task.`,
    `Start it with: devlatch start ${app}`,
  );
}

function noScript(script: string, owners: readonly Package[], cwd: string): DevlatchError {
  const names = [...new Set(owners.flatMap(({ scripts }) => [...scripts.keys()]))];
  const more = names.length > mostNamed ? ", …" : "";
  return new DevlatchError(
    "INVALID_INPUT",
    `There is no script ${JSON.stringify(script)} for ${cwd}.`,
    names.length === 0
      ? "Go to a directory whose package.json has scripts."
      : `Name one of these: ${names.slice(0, mostNamed).join(", ")}${more}.`,
    { data: { scripts: names.slice(0, mostNamed) } },
  );
}
