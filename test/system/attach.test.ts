import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandLine } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import type { Owner } from "../support/owner.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { openTerminal, type TerminalSize, type TestTerminal } from "../support/terminal.ts";
import type { Answer } from "./answer.ts";
import { runJson } from "./json.ts";

const detachKey = "\u001d";
const attached = "devlatch: attached to web";

/** A started server with keys, and terminals attached to it. */
class Desk {
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

  run<T = unknown>(verb: "start" | "stop" | "restart"): Promise<T> {
    return runJson<T>([verb, "web", "--cwd", this.cwd], { home: this.home });
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
async function assertLeft(terminal: TestTerminal, code = 0): Promise<void> {
  await terminal.ended();
  const shown = terminal.shown();
  assert.match(shown, new RegExp(`code ${code}\r`));
  const [, before] = /before (\S+)/.exec(shown) ?? [];
  const [, after] = /after (\S+)/.exec(shown) ?? [];
  assert.ok(before);
  assert.equal(after, before);
}

test("keys reach the server and its answer comes back; detaching leaves it running and the terminal as it was", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  for (const keys of ["a", "\u0003", "\u001b[A", "\u001a", "→ grüße 🎉", "\r", "\u0013"]) {
    terminal.type(keys);
    await terminal.shows(`key ${JSON.stringify(keys)}`);
  }
  terminal.type(`last${detachKey}`);
  await terminal.shows("devlatch: detached from web, which runs on");
  await assertLeft(terminal);
  const again = await desk.attach();
  await again.shows('key "last"');
});
