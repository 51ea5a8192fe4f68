import { spawn } from "@lydell/node-pty";
import type { TestHome } from "./home.ts";
import type { Owner } from "./owner.ts";
import { patienceMs, waitFor } from "./wait.ts";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A pseudo-terminal with a shell's command line in it, and a user who types and looks. */
export interface TestTerminal {
  readonly pid: number;
  /** Everything that was shown so far. */
  shown(): string;
  type(keys: string): void;
  resize(size: TerminalSize): void;
  /** Stops and goes on reading: a terminal that is stuck. */
  pause(): void;
  resume(): void;
  /** Closes it, as a window is closed. */
  close(): void;
  /** Ends its shell, and only that, as an editor ends a task's: by SIGHUP; the terminal stays open until nothing has it. */
  hangUp(): void;
  /** Waits until this was shown, after what was shown at the last call. @returns what came up to its end */
  shows(what: string | RegExp, timeoutMs?: number): Promise<string>;
  /** Waits for the end. @returns the exit code */
  ended(timeoutMs?: number): Promise<number>;
}

/** @param command for `sh -c`. It ends with its owner. */
export function openTerminal(
  command: string,
  {
    home,
    owner,
    size = { columns: 100, rows: 30 },
  }: { home: Pick<TestHome, "env">; owner: Owner; size?: TerminalSize },
): TestTerminal {
  // A CI's variable would make output plain.
  const { CI: _ci, ...env } = home.env({ TERM: "xterm-256color" });
  const pty = spawn("sh", ["-c", command], { env, cols: size.columns, rows: size.rows });
  let shown = "";
  let seen = 0;
  let code: number | undefined;
  pty.onData((data) => {
    shown += data;
  });
  pty.onExit(({ exitCode }) => {
    code = exitCode;
  });
  owner.after(() => {
    if (code === undefined) pty.kill("SIGKILL");
  });
  const describe = () => `On the terminal since then:\n${shown.slice(seen).slice(-4000)}`;
  return {
    pid: pty.pid,
    shown: () => shown,
    type: (keys) => pty.write(keys),
    resize: ({ columns, rows }) => pty.resize(columns, rows),
    pause: () => pty.pause(),
    resume: () => pty.resume(),
    close: () => {
      if ("destroy" in pty && typeof pty.destroy === "function") pty.destroy();
    },
    hangUp: () => pty.kill(),
    shows: async (what, timeoutMs = patienceMs) => {
      const from = seen;
      const look = () => upTo(shown.slice(from), what);
      const found = await waitFor(`${what} on the terminal`, look, { timeoutMs, describe });
      seen = from + found.length;
      return found;
    },
    ended: async (timeoutMs = patienceMs) => {
      await waitFor("the command to end", () => code !== undefined, { timeoutMs, describe });
      return code ?? Number.NaN;
    },
  };
}

/** The text to the end of what is looked for; undefined if that isn't there. */
function upTo(text: string, what: string | RegExp): string | undefined {
  const found = typeof what === "string" ? what : what.exec(text)?.[0];
  const at = found === undefined ? -1 : text.indexOf(found);
  return at < 0 || found === undefined ? undefined : text.slice(0, at + found.length);
}
