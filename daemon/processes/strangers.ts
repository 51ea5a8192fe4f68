import type { ProcessIdentity } from "../../shared/model/process.ts";

/** A process of Devlatch itself, as the files of a home name it. */
export interface OwnProcess extends ProcessIdentity {
  /** The launch that a session host is of; a daemon has none. */
  readonly launchId?: string;
}

/** Reads which processes a home calls its own; those that ended may be among them. Never throws. */
export type ReadOwn = () => readonly OwnProcess[];

/**
 * Tells which marks are true. A process that says it is of another launch, a host or a daemon is believed only if the
 * home has just that: a living daemon or host with this pid and start time, or a living host with that launch. Anything
 * else has invented it, and descent by the kernel decides. A daemon of another home is believed as little: what proves
 * it can be invented as well, so it is a program of the session it was started in, and ends with it.
 */
export class Strangers {
  readonly #readOwn: ReadOwn;
  readonly #isAlive: (process: ProcessIdentity) => boolean;
  /** Read for the first mark of one look: most looks meet none. */
  #own: readonly OwnProcess[] | undefined;

  constructor(readOwn: ReadOwn, isAlive: (process: ProcessIdentity) => boolean) {
    this.#readOwn = readOwn;
    this.#isAlive = isAlive;
  }

  /** @param mark what the process says of itself, see `markOf` */
  has({ pid, startTime }: ProcessIdentity, mark: string): boolean {
    this.#own ??= this.#readOwn().filter(this.#isAlive);
    return this.#own.some((own) => own.launchId === mark || (own.pid === pid && own.startTime === startTime));
  }
}

/** Who is a stranger among the processes of one look at all. */
export function strangersIn(
  processes: readonly (ProcessIdentity & { readonly zombie: boolean })[],
  readOwn: ReadOwn,
): (process: ProcessIdentity, mark: string) => boolean {
  const isAlive = ({ pid, startTime }: ProcessIdentity) =>
    processes.some((one) => one.pid === pid && one.startTime === startTime && !one.zombie);
  const strangers = new Strangers(readOwn, isAlive);
  return (process, mark) => strangers.has(process, mark);
}
