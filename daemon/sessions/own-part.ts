/** How the part of a server that is the app itself has ended. */
export interface PartEnd {
  /** Its name, as its runner says it. */
  readonly part: string;
  /** An exit code, or a signal's name. */
  readonly code: string;
}

/** What `concurrently` says of a part whose command has ended: `[web] npm run dev:web exited with code 1`. */
const ended = /^(.{1,900}) exited with code (\d{1,10}|SIG[A-Z\d]{1,8})$/;
/** Ends that were meant. */
const meant = /^(?:0|SIGINT|SIGTERM|SIGHUP)$/;
/** A runner's name for a part before a line. */
const part = /^\[([^\]\s]{1,80})\] /;

/** Pause between two looks at the output, in milliseconds. */
const lookEveryMs = 200;
/** How long an end must be the last that is said of a part, in milliseconds: runners may start it again. */
const settledMs = 2_000;

/**
 * Whether a part's name is the app's: `web`, `dev:web`; not that of something beside it, as `web:css`.
 */
function isOwn(name: string, app: string): boolean {
  return name.toLowerCase().split(":").at(-1) === app.toLowerCase();
}

/** Whether the output has lines of a part that is called like the app. */
export function hasOwnPart(lines: readonly string[], app: string): boolean {
  return lines.some((line) => isOwn(part.exec(line)?.[1] ?? "", app));
}

/** What runners that can write a part's name before its lines are told. */
const runner = /(?:^|[\s/])(?:concurrently|conc|npm-run-all2?|run-p)(?:\.[cm]?js)?\s(.*)$/s;

/** Whether one of these command lines is a runner's that starts a part called like the app, silent as that may be yet. */
export function startsOwnPart(commands: readonly string[], app: string): boolean {
  return commands.some((command) => {
    const [, told = ""] = runner.exec(command) ?? [];
    return told.split(/[\s,"']+/).some((word) => isOwn(word, app));
  });
}

/** What a part's command is known as the app's by. */
export interface OwnNames {
  readonly app: string;
  /** Its framework, whose program has the same name. */
  readonly framework?: string | undefined;
}

/**
 * The end of the part that is the app itself, where that is the last that is said of it: of the part that is called like the
 * app, or, where parts are only numbered, of a command that runs the app's framework or a script called like the app.
 */
export function ownPartEnd(lines: readonly string[], names: OwnNames): PartEnd | undefined {
  const heard = new Set<string>();
  for (const line of lines.toReversed()) {
    const [prefix = "", name = ""] = part.exec(line) ?? [];
    if (name === "" || heard.has(name)) continue;
    heard.add(name);
    const [, command = "", code = ""] = ended.exec(line.slice(prefix.length)) ?? [];
    if (!isOwn(name, names.app) && !(/^\d{1,3}$/.test(name) && runsApp(command, names))) continue;
    return code === "" || meant.test(code) ? undefined : { part: name, code };
  }
  return undefined;
}

function runsApp(command: string, { app, framework }: OwnNames): boolean {
  return command.split(/\s+/).some((word) => word === framework || isOwn(word, app));
}

/** Sees that the app's own part has ended while others of its command run on. */
export class PartWatch {
  readonly #names: OwnNames;
  readonly #tail: () => readonly string[];
  #lookedAt = Number.NEGATIVE_INFINITY;
  #endedAt: number | undefined;

  /** @param tail the last lines of this launch's output */
  constructor(names: OwnNames, tail: () => readonly string[]) {
    this.#names = names;
    this.#tail = tail;
  }

  /** @param now by the monotonic clock, in milliseconds */
  look(now: number): PartEnd | undefined {
    if (now - this.#lookedAt < lookEveryMs) return undefined;
    this.#lookedAt = now;
    const end = ownPartEnd(this.#tail(), this.#names);
    this.#endedAt = end && (this.#endedAt ?? now);
    return end && this.#endedAt !== undefined && now - this.#endedAt >= settledMs ? end : undefined;
  }
}
