import { stat } from "node:fs/promises";
import { join } from "node:path";
import { denoTask } from "./deno-tasks.ts";
import { leavesBehind } from "./entry-file.ts";
import { withEnvFiles } from "./env-files.ts";
import { type FleetReaders, fleetServers } from "./fleet-servers.ts";
import { type Framework, frameworkOfProgram, refine } from "./frameworks.ts";
import { isLanguage, readLanguage } from "./languages.ts";
import type { Package } from "./package-json.ts";
import { nodeRun, type PackageManagerCommand, readPackageManagerCommand } from "./package-manager-command.ts";
import type { Packages } from "./packages.ts";
import { readFleet } from "./parallel-runners.ts";
import { isRuntime, programName, readRuntime, withoutVersion } from "./programs.ts";
import { resolveSafely, type Scope, scriptId, withVariables } from "./scope.ts";
import { selectedPackages } from "./selection.ts";
import {
  addressPort,
  conventional,
  endsOptions,
  filesOf,
  plainServer,
  portIn,
  type RecognisedServer,
  servingScripts,
  startsServer,
  withoutArguments,
} from "./servers.ts";
import { powerShellAssignment, readShellCommands, takeAssignments } from "./shell-list.ts";
import { isTool } from "./tools.ts";
import { innerCommand, isShell, unwrap } from "./wrappers.ts";

/** Characters and words that cost as much to read as a command. */
const [costlyText, costlyWords] = [1_000, 100];

/** Where package managers have `cmd` run scripts. */
const isWindows = process.platform === "win32";

/**
 * Finds the servers a command line starts, by reading it as the programs in it would. Nothing is run; unknown programs
 * start no server, and scripts that call each other without end are more than a question's budget.
 */
export class Recogniser {
  readonly #packages: Packages;

  /** How a runner's lines and scripts are read: as these commands are. */
  readonly #readers: FleetReaders = {
    line: (line, args, scope) => this.#line(line, args, scope),
    managed: (command, scope) => this.#managed(command, scope),
    script: (command, owner, scope) => this.#script(command, owner, scope),
    pay: (entries, scope) => this.#pay(entries, scope),
  };

  constructor(packages: Packages) {
    this.#packages = packages;
  }

  /**
   * The servers in the order of the command line. One argument with blanks in it is a line as typed.
   * @param serving whether it stands where a server is started, so that a program that isn't known is one
   * @throws DevlatchError `CONFIG_INVALID` where reading it costs too much, whatever else the argv
   */
  async servers(argv: readonly string[], cwd: string, serving = false): Promise<readonly RecognisedServer[]> {
    const scope: Scope = { cwd, env: {}, serving, within: new Set(), cmd: isWindows };
    const [line, ...others] = argv;
    if (line !== undefined && others.length === 0 && /\s/.test(line)) return this.#line(line, [], scope);
    return this.#command(argv, scope);
  }

  async #command(argv: readonly string[], outer: Scope): Promise<readonly RecognisedServer[]> {
    await this.#pay(1 + Math.floor(argv.length / costlyWords), outer);
    const { env, words } = takeAssignments(argv);
    const [first, ...args] = words;
    if (first === undefined) return [];
    const program = programName(first);
    const inside = program === "cmd" ? { ...outer, cmd: true } : outer;
    const scope = withEnvFiles(withVariables(inside, env), program, args);
    const wrapped = unwrap(program, args);
    if (wrapped?.kind === "argv") {
      const servers = await this.#command(wrapped.argv, withVariables(scope, wrapped.env));
      return program === "devlatch" ? servers.map((one) => ({ ...one, shared: true as const })) : servers;
    }
    if (wrapped?.kind === "line")
      return withoutArguments(await this.#line(wrapped.line, [], withVariables(scope, wrapped.env)));
    const managed = readPackageManagerCommand(program, args);
    if (managed !== undefined) return this.#managed(managed, scope);
    const fleet = readFleet(program, args);
    if (fleet !== undefined) return fleetServers(fleet, scope, this.#packages, this.#readers);
    return this.#program(program, args, scope);
  }

  /** A program by itself: a framework's, or a runtime with a file. */
  async #program(
    program: string,
    args: readonly string[],
    scope: Scope,
  ): Promise<readonly RecognisedServer[]> {
    const framework = frameworkOfProgram(program);
    if (framework !== undefined) return this.#framework(framework, args, scope);
    const runtime = readRuntime(program, args) ?? readLanguage(program, args);
    switch (runtime?.kind) {
      case "program":
        return this.#command(runtime.argv, scope);
      case "line":
        return withoutArguments(await this.#line(runtime.line, [], scope));
      case "script":
        return this.#managed(nodeRun(runtime.script, runtime.args), scope);
      case "task":
        return this.#denoTask(runtime.task, scope);
      case "file":
        return scope.serving ? [{ ...plainServer(scope, args), words: [program, ...args] }] : [];
      case undefined:
        return isRuntime(program) || isLanguage(program) ? [] : this.#unknown(program, args, scope);
    }
  }

  /**
   * A program of which nothing is known: what it starts, as far as its words tell; else, where a script serves by its name,
   * itself.
   */
  async #unknown(
    program: string,
    args: readonly string[],
    scope: Scope,
  ): Promise<readonly RecognisedServer[]> {
    if (isTool(program, args)) return [];
    const inner = innerCommand(args, (word) => frameworkOfProgram(programName(word)) !== undefined);
    const servers = inner ? await this.#command(inner, scope) : [];
    const itself = { ...plainServer(scope, args), words: [program, ...args] };
    return servers.length === 0 && scope.serving ? [itself] : servers;
  }

  async #framework(
    found: Framework,
    args: readonly string[],
    scope: Scope,
  ): Promise<readonly RecognisedServer[]> {
    if (!startsServer(found, args, scope.serving)) return [];
    const owner = await this.#packages.files.nearest(scope.cwd);
    const framework = owner === undefined ? found : refine(found, owner.dependencies);
    const port =
      portIn(args, found.portFlags, scope.env, found.portVariables) ??
      (found.takesAddress ? addressPort(args) : undefined);
    return [
      {
        framework,
        app: framework.app,
        directory: scope.cwd,
        ...(endsOptions(args) ? {} : { argumentPrefix: [] }),
        ...filesOf(scope),
        words: [found.id, ...args],
        ...(port === undefined ? {} : { port }),
      },
    ];
  }

  /** A task of the nearest `deno.json`; deno also runs the scripts of a `package.json` as tasks. */
  async #denoTask(task: string, scope: Scope): Promise<readonly RecognisedServer[]> {
    const text = await denoTask(this.#packages, scope.cwd, task);
    if (text === undefined) return this.#managed(nodeRun(task, []), scope);
    const id = `${scope.cwd}\n${task}`;
    if (scope.within.has(id)) return [];
    const serving = scope.serving || servingScripts.includes(task);
    const servers = await this.#line(text, [], { ...scope, serving, within: new Set([...scope.within, id]) });
    return servers.map((one) => ({ ...one, script: task }));
  }

  /** A shell's line, with further arguments for its last command. */
  async #line(line: string, args: readonly string[], outer: Scope): Promise<readonly RecognisedServer[]> {
    await this.#pay(1 + Math.floor(line.length / costlyText), outer);
    const commands = readShellCommands(line, outer.cmd === true ? "windows" : "posix");
    const found: RecognisedServer[] = [];
    /** What holds behind the parentheses that are open. */
    const behind: Scope[] = [];
    let scope = outer;
    for (const [index, { words, next, input, opens = 0, closes = 0 }] of commands.entries()) {
      const last = index === commands.length - 1;
      const [program = "", target] = words;
      const set = powerShellAssignment(words);
      for (let opened = 0; opened < opens; opened++) behind.push(scope);
      if (set !== undefined) scope = withVariables(scope, set);
      else if (program === "cd" && target !== undefined)
        scope = { ...scope, cwd: resolveSafely(scope.cwd, target) };
      else if (program === "export" || (program === "set" && scope.cmd))
        scope = withVariables(scope, takeAssignments(words.slice(1)).env);
      else if (input !== undefined && target === undefined && isShell(programName(program)))
        found.push(...withoutArguments(await this.#line(input, [], scope)));
      else {
        // What must end before the next command can begin is a step, unless a framework's own server stands there.
        const ends = !last && (next === "&&" || next === ";" || next === "\n");
        const step = ends && !leavesBehind(words);
        const servers = await this.#command(last ? [...words, ...args] : words, {
          ...scope,
          serving: scope.serving && !step,
        });
        found.push(...(last && next === undefined ? servers : withoutArguments(servers)));
      }
      for (let closed = 0; closed < closes; closed++) scope = behind.pop() ?? scope;
    }
    return found;
  }

  async #managed(command: PackageManagerCommand, scope: Scope): Promise<readonly RecognisedServer[]> {
    const { manager } = command;
    if (command.kind === "shell") {
      const servers = withoutArguments(await this.#line(command.line, [], scope));
      return servers.map((one) => ({ ...one, packageManager: manager }));
    }
    const base = resolveSafely(scope.cwd, command.selection.directory ?? ".");
    const packages = await selectedPackages(this.#packages, command.selection, base);
    if (packages === undefined && command.kind === "script")
      return conventional(command, { ...scope, cwd: base });
    const servers: RecognisedServer[] = [];
    for (const one of packages ?? []) {
      const there: Scope = { ...scope, cwd: one.directory };
      servers.push(
        ...(command.kind === "script"
          ? await this.#script(command, one, there)
          : await this.#command(
              unversioned(command.argv),
              command.selection.every ? there : { ...there, cwd: base },
            )),
      );
    }
    if (packages === undefined && command.kind === "program")
      servers.push(...(await this.#command(unversioned(command.argv), { ...scope, cwd: base })));
    const { separator } = command;
    return servers.map((one) => ({
      ...one,
      packageManager: manager,
      ...(command.kind === "script" && one.script !== undefined ? { script: command.script } : {}),
      ...(one.argumentPrefix === undefined ? {} : { argumentPrefix: [...separator, ...one.argumentPrefix] }),
    }));
  }

  /** A script of one package, or what the package manager takes for it where there is none of that name. */
  async #script(
    command: Extract<PackageManagerCommand, { kind: "script" }>,
    owner: Package,
    scope: Scope,
  ): Promise<readonly RecognisedServer[]> {
    const { script, args, manager, program } = command;
    const text = owner.scripts.get(script) ?? (await defaultScript(command, owner));
    if (text === undefined) return program === undefined ? [] : this.#command(program, scope);
    const id = scriptId(owner, script);
    if (scope.within.has(id)) return [];
    const servers = await this.#line(text, args, {
      ...withVariables(scope, packageVariables(owner)),
      serving: scope.serving || servingScripts.includes(script),
      within: new Set([...scope.within, id]),
    });
    return servers.map((one) => ({ ...one, script, packageManager: manager }));
  }

  #pay(entries: number, { cwd, within }: Scope): Promise<void> {
    return this.#packages.budget.spend(entries, () => {
      const [directory = cwd, script] = [...within][0]?.split("\n") ?? [];
      const remedy = "Let scripts call fewer others, or start the server's own command.";
      if (script === undefined)
        return { file: directory, what: "is where a command runs too many others", remedy };
      const what = `runs too many commands with the script ${JSON.stringify(script)}`;
      return { file: join(directory, "package.json"), what, remedy };
    });
  }
}

/** What package managers export of `config` of a package.json. */
function packageVariables({ config }: Package): Readonly<Record<string, string>> {
  return Object.fromEntries([...config].map(([name, value]) => [`npm_package_config_${name}`, value]));
}

/** `npm start` without such a script runs `server.js` (npm documentation, npm-start). */
async function defaultScript(
  command: Extract<PackageManagerCommand, { kind: "script" }>,
  owner: Package,
): Promise<string | undefined> {
  if (command.manager !== "npm" || command.script !== "start") return undefined;
  const file = await stat(join(owner.directory, "server.js")).catch(() => undefined);
  return file?.isFile() ? "node server.js" : undefined;
}

/** `next@latest dev` → `next dev` */
function unversioned(argv: readonly string[]): readonly string[] {
  const [program = "", ...args] = argv;
  return [withoutVersion(program), ...args];
}
