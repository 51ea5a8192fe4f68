import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { SessionView } from "../../../shared/model/session.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { type Running, startProgram } from "../../support/child.ts";
import { type CliResult, commandLine, runCli } from "../../support/cli.ts";
import { createHome, type TestHome } from "../../support/home.ts";
import { runJson } from "../../support/json.ts";
import type { Owner } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";
import { freePort, isPortFree } from "../../support/ports.ts";
import { type ProjectName, prepareProject } from "../../support/projects.ts";
import { openTerminal, type TerminalSize, type TestTerminal } from "../../support/terminal.ts";
import { waitFor } from "../../support/wait.ts";

/** A server's program of the fixtures, as a command line has it. */
export const serverProgram = (name: string, ...args: string[]) =>
  ["node", join(repository, "test/fixtures/processes", name), ...args].join(" ");

/** What the talkative server says first. */
export const listening = /Listening on http:\/\/localhost:\d+, process (\d+)/;

/** A project whose script `dev` goes through `devlatch dev`, and the shells it is run from. */
export class Script {
  readonly home: TestHome;
  readonly cwd: string;
  readonly port: number;
  readonly #owner: Owner;
  readonly #bin: string;

  private constructor(owner: Owner, home: TestHome, cwd: string, port: number) {
    this.#owner = owner;
    this.home = home;
    this.cwd = cwd;
    this.port = port;
    this.#bin = join(home.directory, "bin");
  }

  /** @param dev the script; @param web what `devlatch.json` says of the app beside its port */
  static async open(
    owner: Owner,
    dev = `devlatch dev -- ${serverProgram("talkative.mjs")}`,
    web: Record<string, unknown> = {},
  ): Promise<Script> {
    const script = await Script.in("plain", owner, web);
    script.says({ dev });
    return script;
  }

  /** A fixture project with a script of its own. */
  static async in(project: ProjectName, owner: Owner, web: Record<string, unknown> = {}): Promise<Script> {
    const home = createHome(owner);
    const script = new Script(owner, home, await prepareProject(project, owner), await freePort());
    script.#install();
    script.write("devlatch.json", { apps: { web: { port: script.port, ...web } } });
    return script;
  }

  /** Writes scripts into the project's package.json. */
  says(scripts: Record<string, string>): void {
    const all = JSON.parse(readFileSync(join(this.cwd, "package.json"), "utf8"));
    this.write("package.json", { ...all, scripts: { ...all.scripts, ...scripts } });
  }

  write(name: string, value: object): void {
    writeFileSync(join(this.cwd, name), JSON.stringify(value));
  }

  /** What its shells have in their environment. */
  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { PATH: `${this.#bin}${delimiter}${process.env["PATH"]}`, ...more };
  }

  /** A terminal in which a command line runs between two looks at the terminal's settings, then its exit code. */
  terminal(command = "npm run dev", size?: TerminalSize): TestTerminal {
    const path = `PATH='${this.env()["PATH"]}'`;
    const looks = `cd '${this.cwd}'; ${path}; echo "before $(stty -g)"; ${command}; echo "code $?"; echo "after $(stty -g)"`;
    return openTerminal(looks, { home: this.home, owner: this.#owner, ...(size ? { size } : {}) });
  }

  /** What an editor runs a task of `tasks.json` in: a terminal with a shell that becomes the command. */
  task(command = "npm run dev"): TestTerminal {
    const line = `cd '${this.cwd}'; export PATH='${this.env()["PATH"]}'; exec bash -c '${command}'`;
    return openTerminal(line, { home: this.home, owner: this.#owner });
  }

  /** A runner's: no terminal, output into pipes, in a process group of its own. */
  async pipe(command = "npm run dev", env: NodeJS.ProcessEnv = {}): Promise<Running> {
    const options = { cwd: this.cwd, env: this.home.env(this.env(env)), detached: true };
    const running = await startProgram("sh", ["-c", command], options);
    this.#owner.after(() => {
      if (running.process.exitCode === null && running.process.signalCode === null)
        signalGroup(running, "SIGKILL");
    });
    return running;
  }

  /** `devlatch ARGS…` in the project. */
  run(...args: string[]): Promise<CliResult> {
    return runCli(args, { home: this.home, cwd: this.cwd, env: this.env() });
  }

  async web(): Promise<SessionView | undefined> {
    const { sessions } = await runJson<StatusResult>(["status"], { home: this.home });
    return sessions.find(({ app }) => app === "web");
  }

  /** Waits until as many use the server. */
  async usedBy(count: number): Promise<void> {
    const used = async () => (await this.web())?.holders.length === count;
    await waitFor(`${count} to use it`, used, { intervalMs: 200 });
  }

  /** Asks the server for a path. */
  async get(path: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.port}${path}`)).text();
  }

  async isUp(): Promise<boolean> {
    return !(await isPortFree(this.port));
  }

  /** Waits until no process serves any more. */
  async isDown(): Promise<void> {
    await waitFor("the server to be stopped", () => isPortFree(this.port));
  }

  async killDaemon(): Promise<void> {
    const pid = this.home.daemonPid();
    assert.ok(pid, "a daemon runs");
    process.kill(pid, "SIGKILL");
    await waitFor("the daemon to be gone", () => this.home.daemonPid() === undefined);
  }

  #install(): void {
    mkdirSync(this.#bin);
    const program = join(this.#bin, "devlatch");
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${commandLine}' "$@"\n`);
    chmodSync(program, 0o755);
  }
}

/** To a whole process group, as runners end what they started. */
export function signalGroup({ pid }: Running, signal: NodeJS.Signals): void {
  process.kill(-pid, signal);
}

/** The pid that the talkative server told. */
export function pidIn(text: string): number {
  return Number(listening.exec(stripVTControlCharacters(text))?.[1]);
}
