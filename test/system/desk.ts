import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import type { Owner } from "../support/owner.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { processesWith } from "../support/processes.ts";
import { prepareProject } from "../support/projects.ts";
import { openTerminal, type TerminalSize, type TestTerminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";

export const ctrlC = "\u0003";
export const detachKey = "\u001d";
const attached = "devlatch: attached to web";

/** A started server with keys, and terminals attached to it. */
export class Desk {
  readonly home: TestHome;
  readonly cwd: string;
  readonly #owner: Owner;

  private constructor(owner: Owner, home: TestHome, cwd: string) {
    this.#owner = owner;
    this.home = home;
    this.cwd = cwd;
  }

  static async open(owner: Owner): Promise<Desk> {
    const home = createHome(owner);
    const cwd = await prepareProject("plain", owner);
    const command = ["node", join(repository, "test/fixtures/processes/interactive.mjs")];
    writeFileSync(
      join(cwd, "devlatch.json"),
      JSON.stringify({ apps: { web: { command, port: await freePort() } } }),
    );
    const desk = new Desk(owner, home, cwd);
    await desk.run<Answer>("start");
    return desk;
  }

  /** Another user at work, who takes the server from those who are attached where it must be. */
  run<T = unknown>(verb: "start" | "stop" | "restart"): Promise<T> {
    const consent = verb === "start" ? [] : ["--yes"];
    return runJson<T>([verb, "web", ...consent, "--cwd", this.cwd], { home: this.home });
  }

  async killDaemon(): Promise<void> {
    const pid = this.home.daemonPid();
    assert.ok(pid, "a daemon runs");
    process.kill(pid, "SIGKILL");
    await waitFor("the daemon to be gone", () => this.home.daemonPid() === undefined);
  }

  /** The command lines that are attached. */
  clients() {
    const all = processesWith("DEVLATCH_HOME", this.home.directory);
    return all.filter(({ command }) => /devlatch\.js attach/.test(command) && !command.startsWith("sh "));
  }

  /** `devlatch attach web` between two looks at the terminal's settings, then its exit code. */
  async attach(size?: TerminalSize): Promise<TestTerminal> {
    const command = `'${process.execPath}' '${commandLine}' attach web --cwd '${this.cwd}'`;
    const looks = `echo "before $(stty -g)"; ${command}; echo "code $?"; echo "after $(stty -g)"`;
    const terminal = openTerminal(looks, {
      home: this.home,
      owner: this.#owner,
      ...(size ? { size } : {}),
    });
    await terminal.shows(attached);
    return terminal;
  }
}

/** Waits for the end: exit code as it should be, and the terminal's settings as they were. */
export async function assertLeft(terminal: TestTerminal, code = 0): Promise<void> {
  await terminal.ended();
  const shown = terminal.shown();
  assert.match(shown, new RegExp(`code ${code}\r`));
  const [, before] = /before (\S+)/.exec(shown) ?? [];
  const [, after] = /after (\S+)/.exec(shown) ?? [];
  assert.ok(before);
  assert.equal(after, before);
}
