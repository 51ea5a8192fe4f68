import { type Framework, frameworks, startArguments } from "./frameworks.ts";
import { nxProject } from "./nx.ts";
import { remember } from "./package-files.ts";
import type { Package } from "./package-json.ts";
import { packageManagerOf, programCommand, scriptCommand } from "./package-manager.ts";
import type { Packages } from "./packages.ts";
import type { Recogniser } from "./recognise.ts";
import { principal, type RecognisedServer } from "./servers.ts";

/** A way to start an app that a package offers. */
export interface Candidate {
  readonly command: readonly string[];
  /** Directory of the package. */
  readonly directory: string;
  readonly server: RecognisedServer;
}

/** The scripts that a server is usually developed by, in order. */
export const webScripts = ["dev", "start:dev", "serve", "develop", "start"];
const developing = ["dev", "start:dev", "develop"];
const mobileScripts = ["start", "dev", "start:dev", "mobile", "expo", "metro", "serve", "develop"];

/** The scripts that are looked at for an app, in order. */
export function scriptsFor(app: string, owner: Package): readonly string[] {
  if (app === "web") return webScripts;
  if (app === "mobile") return [...new Set([...mobileScripts, ...owner.scripts.keys()])];
  return [app];
}

/** Finds what packages offer for an app, each once for a question. */
export class CandidateFinder {
  readonly #packages: Packages;
  readonly #recogniser: Recogniser;
  readonly #scripts = new Map<string, Promise<Candidate | undefined>>();
  readonly #dependencies = new Map<string, Promise<Candidate | undefined>>();

  constructor(packages: Packages, recogniser: Recogniser) {
    this.#packages = packages;
    this.#recogniser = recogniser;
  }

  /** By its script, else by its target of Nx, else by what it depends on. */
  async offered(owner: Package, app: string): Promise<Candidate | undefined> {
    return (
      (await this.script(owner, app)) ??
      (await this.#target(owner, app)) ??
      (await this.dependency(owner, app))
    );
  }

  /** The first script that starts this app and no other. */
  script(owner: Package, app: string): Promise<Candidate | undefined> {
    return remember(this.#scripts, `${owner.directory}\n${app}`, () => this.#script(owner, app));
  }

  /**
   * A framework among the dependencies, started without a script. None where a script says how this package is developed,
   * and that it is by something other than a server.
   */
  dependency(owner: Package, app: string): Promise<Candidate | undefined> {
    return remember(this.#dependencies, `${owner.directory}\n${app}`, () => this.#dependency(owner, app));
  }

  async #script(owner: Package, app: string): Promise<Candidate | undefined> {
    const { directory } = owner;
    const manager = await packageManagerOf(this.#packages, directory);
    let startsSeveral = false;
    for (const script of scriptsFor(app, owner)) {
      if (!owner.scripts.has(script)) continue;
      // Who develops several servers by one script has another for what was built of them.
      if (startsSeveral && app === "web" && !developing.includes(script)) return undefined;
      const command = scriptCommand(manager, script);
      const servers = await this.#recogniser.servers(command, directory);
      const server = principal(servers);
      if (server !== undefined && fits(servers, app)) return { command, directory, server };
      startsSeveral ||= servers.length > 1 && !isOneServer(servers);
    }
    return undefined;
  }

  /** Whether a package is an app of a framework that it depends on. */
  async #isApp({ directory }: Package, { files }: Framework): Promise<boolean> {
    return files === undefined || this.#packages.files.hasOne(directory, files);
  }

  /** The first target of Nx that starts this app and no other. */
  async #target(owner: Package, app: string): Promise<Candidate | undefined> {
    const project = await nxProject(this.#packages, owner);
    if (project === undefined) return undefined;
    const { directory } = owner;
    const names = app === "web" ? webScripts : app === "mobile" ? mobileScripts : [app];
    for (const target of names.filter((one) => project.targets.has(one))) {
      const manager = await packageManagerOf(this.#packages, directory);
      const command = programCommand(manager, ["nx", "run", `${project.name}:${target}`]);
      const servers = await this.#recogniser.servers(command, directory);
      const server = principal(servers);
      if (server !== undefined && fits(servers, app)) return { command, directory, server };
    }
    return undefined;
  }

  async #dependency(owner: Package, app: string): Promise<Candidate | undefined> {
    const { directory } = owner;
    const framework = frameworks.find(
      (one) => one.app === app && one.packages.some((name) => owner.dependencies.has(name)),
    );
    if (framework === undefined || !(await this.#isApp(owner, framework))) return undefined;
    const manager = await packageManagerOf(this.#packages, directory);
    for (const script of developing.filter((one) => owner.scripts.has(one))) {
      const servers = await this.#recogniser.servers(scriptCommand(manager, script), directory);
      if (servers.length === 0) return undefined;
    }
    const command = programCommand(manager, startArguments(framework));
    const server = principal(await this.#recogniser.servers(command, directory));
    return server === undefined ? undefined : { command, directory, server };
  }
}

/**
 * Whether a script is a way to start one app. What starts web and mobile together, or the servers of several
 * packages (`turbo dev`), is none: two apps would each start all of it.
 */
function fits(servers: readonly RecognisedServer[], app: string): boolean {
  if (app !== "web" && app !== "mobile") return true;
  return servers[0]?.app === app && isOneServer(servers);
}

/** Whether what a script starts is for one app in one place. */
export function isOneServer(servers: readonly RecognisedServer[]): boolean {
  const [first, ...others] = servers;
  return (
    first !== undefined &&
    others.every(({ app, directory }) => app === first.app && directory === first.directory)
  );
}
