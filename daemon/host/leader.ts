import { existsSync } from "node:fs";
import { constants } from "node:os";
import { type Disposable, every, Scope } from "../../shared/base/disposable.ts";
import type { Exit } from "../../shared/model/exit.ts";
import type { ProcessIdentity } from "../../shared/model/process.ts";
import type { Processes, ProcessInfo } from "../processes/processes.ts";

/** What is to be spawned. */
interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

const shell = "/bin/sh";
const name = "devlatch-leader";

/** Ends as its command did: `$1` is the status a shell has for that. */
const endAlike = `ulimit -c 0; [ "$1" -gt 128 ] && kill -$(($1 - 128)) $$; exit "$1"`;

/**
 * Runs a command in its own process group, deaf to what the terminal and a stop send to all, which are the command's to
 * heed; what the shell itself says of a killed command is kept out of the output. When that has ended it stops itself, by which its parent hears of it (SIGCHLD), with the status as its last word;
 * once it is told to go on it ends alike. In a stop it isn't needed any more.
 */
const script = `
exec 3>&2 2>/dev/null
trap "devlatch_asked=1" TERM; trap : INT QUIT
( exec "$@" 2>&3 3>&- )
set -- $?
trap - TERM INT QUIT
if [ "$devlatch_asked" ]; then ${endAlike}; fi
exec ${shell} -c 'kill -STOP $$; ${endAlike}' ${name} "$1"`;

/** Variables that a shell drops, because it can't have them, or has them for itself. */
const passesThrough = (variable: string): boolean =>
  /^[A-Za-z_]\w*$/.test(variable) && !/^(?:UID|EUID|PPID|GROUPS|SHELLOPTS|BASHOPTS)$/.test(variable);

/**
 * The command under a small leader of its terminal's session. When a session's leader ends the kernel hangs its terminal
 * up: SIGHUP would end the servers that a script has put into the background, which from a shell live on.
 * @returns the command itself where there is no shell, or one would lose some of the environment
 */
export function withLeader(program: Program, env: Readonly<Record<string, string>>): Program {
  if (process.platform === "win32" || !existsSync(shell)) return program;
  if (!Object.keys(env).every(passesThrough)) return program;
  return { file: shell, args: ["-c", script, name, program.file, ...program.args] };
}

/**
 * How often is looked whether those that a leader stays for live, where nothing announces their end and where a signal
 * mostly does, and how often in a stop, in milliseconds.
 */
const [othersLookMs, heardLookMs, stoppingLookMs] = [250, 2_000, 20];

/** What is watched. */
export interface LeaderParts {
  readonly leader: ProcessIdentity;
  readonly processes: Pick<Processes, "describe" | "signal">;
  /** Members of the session, the leader too. */
  readonly members: () => Promise<readonly ProcessInfo[]>;
  /** Called once, when the command has ended and others live. */
  readonly onStays: (exit: Exit, others: readonly ProcessInfo[]) => void;
  /** Whether this process hears of the others' end (SIGCHLD), for it adopts those whose parent ends. */
  readonly hearsOfEnds: boolean;
}

/** Watches for the end of the command below a leader, and lets the leader end when nothing else of the session lives. */
export class Leader {
  readonly #parts: LeaderParts;
  readonly #scope = new Scope();
  #stays = false;
  #looking = false;
  /** A signal came while it was looked: what it told of may have been missed. */
  #again = false;

  constructor(parts: LeaderParts) {
    this.#parts = parts;
  }

  /** Hears of the command's end: by a signal, which may have come before it was listened for. */
  watch(): Disposable {
    const onChild = () => {
      this.#again = this.#looking;
      this.look();
    };
    process.on("SIGCHLD", onChild);
    this.#scope.defer(() => process.off("SIGCHLD", onChild));
    this.look();
    return this.#scope;
  }

  /** The same for a stop, which waits for the end of all. */
  watchClosely(): Disposable {
    return every(stoppingLookMs, () => this.#stays && this.look());
  }

  /** Looks whether the command has ended, which no signal may have told of: a tracer gets them first. */
  look(): void {
    // What can't be read now is looked at again.
    this.#look().catch(() => {});
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    this.#again = false;
    try {
      const exit = await this.#commandsEnd();
      if (exit === undefined) return;
      const { leader, processes, members, onStays } = this.#parts;
      const others = (await members()).filter(({ pid }) => pid !== leader.pid);
      if (others.length === 0) await processes.signal(leader, "SIGCONT");
      else if (!this.#stays) {
        onStays(exit, others);
        this.#waitForOthers();
      }
      this.#stays = others.length > 0;
    } finally {
      this.#looking = false;
      if (this.#again) this.look();
    }
  }

  #waitForOthers(): void {
    const { hearsOfEnds } = this.#parts;
    this.#scope.add(every(hearsOfEnds ? heardLookMs : othersLookMs, () => this.#stays && this.look()));
  }

  /** By the leader's last word, not by its being stopped: any process may stop it, and under a tracer it looks otherwise. */
  async #commandsEnd(): Promise<Exit | undefined> {
    const { leader, processes } = this.#parts;
    const { command } = await processes.describe(leader);
    const [, status] = new RegExp(`${name} (\\d+)$`).exec(command) ?? [];
    return status === undefined ? undefined : exitOf(Number(status));
  }
}

/** @param status as a shell has it: 128 and a signal's number, or the code */
function exitOf(status: number): Exit {
  const signals = Object.entries(constants.signals);
  const signal = signals.find(([, number]) => number === status - 128)?.[0];
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}
