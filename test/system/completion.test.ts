import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it, type TestContext } from "node:test";
import { scripts } from "../../daemon/cli/completion/scripts.ts";
import { commandLine, runCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { needPackages, runtimePackages } from "../support/install/debian.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { openTerminal, type TestTerminal } from "../support/terminal.ts";
import { waitFor } from "../support/wait.ts";

type DrivenShell = "bash" | "zsh" | "fish";

/** How each begins with nothing of this machine's settings, and what loads the completion. */
const shells: Record<DrivenShell, { readonly start: string; readonly load: string }> = {
  bash: { start: "exec bash --norc --noprofile -i", load: "source <(devlatch completion bash)" },
  zsh: {
    start: "exec zsh -f -i",
    // By itself a tab expands what it stands behind first (expand-or-complete): that runs what was typed, whatever completes.
    load: "bindkey '^I' complete-word; autoload -Uz compinit; compinit -u -D; source <(devlatch completion zsh)",
  },
  fish: { start: "exec fish --no-config -i", load: "devlatch completion fish | source" },
};

before(() => needPackages(runtimePackages.shells), { timeout: 600_000 });

/** A directory of the test's own, removed after it. */
function ownDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-completion-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A program called devlatch. @param text what follows the first line of a script for sh */
function installAs(directory: string, text: string): string {
  writeFileSync(join(directory, "devlatch"), `#!/bin/sh\n${text}\n`);
  chmodSync(join(directory, "devlatch"), 0o755);
  return directory;
}

/** One that answers as the built one, and of everything else only writes down what it was called with. */
const recorder = `[ "$1" = completion ] && exec '${process.execPath}' '${commandLine}' "$@"
for word in "$@"; do printf '[%s]' "$word"; done >"$HOME/called.new" && mv "$HOME/called.new" "$HOME/called"`;

/** An interactive shell that has the completion. @param bin where its devlatch is */
async function open(t: TestContext, shell: DrivenShell, at: { home: TestHome; cwd: string; bin: string }) {
  const { start, load } = shells[shell];
  const line = `cd '${at.cwd}' && PATH='${at.bin}':"$PATH" HOME='${at.cwd}' ${start}`;
  const terminal = openTerminal(line, { home: at.home, owner: t, size: { columns: 120, rows: 40 } });
  terminal.type(`${load}\r`);
  await answers(terminal);
  return terminal;
}

/** Waits until the shell is done with everything that was typed before. */
async function answers(terminal: TestTerminal): Promise<void> {
  // What is typed is shown, too, but not like this.
  terminal.type("echo do''ne\r");
  await terminal.shows("done");
}

/** Whether nothing was shown since the last look but one. */
function quiet(terminal: TestTerminal): () => boolean {
  const looks: number[] = [];
  return () => {
    looks.push(terminal.shown().length);
    return looks.length > 20 && looks.at(-1) === looks.at(-20);
  };
}

/** Types the beginning of a command, a tab and Enter. @returns what was called */
async function called(terminal: TestTerminal, cwd: string, typed: string): Promise<string> {
  const file = join(cwd, "called");
  rmSync(file, { force: true });
  terminal.type(`devlatch ${typed}\t\r`);
  return waitFor(`devlatch ${typed} to be called`, () => existsSync(file) && readFileSync(file, "utf8"));
}

for (const shell of ["bash", "zsh", "fish"] as const)
  describe(shell, () => {
    it("completes verbs, flags and their values, and starts no daemon", async (t) => {
      const home = createHome(t);
      const cwd = ownDirectory(t);
      const terminal = await open(t, shell, { home, cwd, bin: installAs(ownDirectory(t), recorder) });
      for (const [typed, whole] of [
        ["resta", "[restart]"],
        ["start web --on-c", "[start][web][--on-conflict]"],
        ["start web --on-conflict n", "[start][web][--on-conflict][next]"],
        ["logs web --kind=ev", "[logs][web][--kind=event]"],
        ["--json daemon sto", "[--json][daemon][stop]"],
        ["start mob", "[start][mobile]"],
        ["help wor", "[help][worktrees]"],
        ["status --lo", "[status][--long]"],
        ["start web --qui", "[start][web][--quiet]"],
        ["nonsense x", "[nonsense][x]"],
      ] as const)
        assert.equal(await called(terminal, cwd, typed), whole);
      terminal.type("devlatch st\t\t");
      await terminal.shows(/status[\s\S]*stop|stop[\s\S]*status/);
      assert.equal(home.daemonPid(), undefined);
      assert.equal(existsSync(join(home.directory, "daemon.json")), false);
    });

    it("completes apps, keys of runs with their colon, and files behind --", async (t) => {
      const home = createHome(t);
      const cwd = await prepareProject("plain", t);
      const apps = { storybook: { command: ["node", "server.js"], port: await freePort() } };
      writeFileSync(join(cwd, "devlatch.json"), JSON.stringify({ apps }));
      writeFileSync(join(cwd, "unlikely-name.txt"), "");
      assert.equal((await runCli(["run", "db:migrate", "--cwd", cwd, "--", "true"], { home })).code, 0);
      const terminal = await open(t, shell, { home, cwd, bin: installAs(ownDirectory(t), recorder) });
      for (const [typed, whole] of [
        ["start story", "[start][storybook]"],
        ["run db:mi", "[run][db:migrate]"],
        ["run d", "[run][db:migrate]"],
        ["run x -- cat unlik", "[run][x][--][cat][unlikely-name.txt]"],
      ] as const)
        assert.equal(await called(terminal, cwd, typed), whole);
    });

    it("neither runs what was typed nor what it is answered, and shows no escape sequence", async (t) => {
      const home = createHome(t);
      const cwd = ownDirectory(t);
      const hostile = [
        "$(touch pwned)\\tone",
        "`touch pwned`\\ttwo",
        "x;touch pwned;\\tthree",
        "x' $(touch pwned) '\\t$(touch pwned)",
        "\\033]0;pwned\\007x\\t\\033]0;pwned\\007",
        "*\\tfive",
        "-e\\tsix",
      ];
      const answer = hostile.map((line) => `printf '%b\\n' '${line.replaceAll("'", "'\\''")}'`).join("\n");
      const script = `cat <<'END'\n${scripts[shell]}END`;
      const bin = installAs(
        ownDirectory(t),
        `printf . >>"$HOME/asked"\nif [ "$3" = "--" ]; then\n${answer}\nelse\n${script}\nfi\necho trouble >&2\nexit 1`,
      );
      const terminal = await open(t, shell, { home, cwd, bin });
      const from = terminal.shown().length;
      const asked = () => readFileSync(join(cwd, "asked"), "utf8").length;
      for (const typed of [
        "",
        "'$(touch pwned)' ",
        '"$(touch pwned)" ',
        "`touch pwned` ",
        "--x=$(touch pwned)",
      ]) {
        const before = asked();
        terminal.type(`devlatch start ${typed}\t\t`);
        await waitFor(`${typed} to be asked for`, () => asked() > before);
        await waitFor("the answer to be shown", quiet(terminal));
        // What is typed right behind it is thrown away with the line.
        terminal.type("\u0003");
        await waitFor("the line to be gone", quiet(terminal));
        await answers(terminal);
        assert.equal(existsSync(join(cwd, "pwned")), false, typed);
      }
      const shown = terminal.shown().slice(from);
      assert.ok(!shown.includes("\u001b]0;pwned"), JSON.stringify(shown));
      assert.ok(!shown.includes("trouble"), shown);
    });
  });
