import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Answer, Order, Turn } from "./member.ts";
import type { SubjectName } from "./subjects.ts";

const program = new URL("./member.ts", import.meta.url).pathname;
const register = new URL("../../support/register.mjs", import.meta.url).href;

/** A process of its own that holds locks as it is told. One order at a time. */
export class Member {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(subject: SubjectName, url: string, peers: string): Promise<Member> {
    const child = fork(program, [url, subject, peers], { execArgv: ["--import", register] });
    await once(child, "message", { signal: AbortSignal.timeout(30_000) });
    return new Member(child);
  }

  /** @returns when it happened, in milliseconds of the monotonic clock */
  async at(order: Order): Promise<number> {
    const answer = await this.#ask(order);
    if (!("at" in answer)) throw new TypeError(`No time in the answer to ${order.do}`);
    return answer.at;
  }

  async turns(order: Order): Promise<readonly Turn[]> {
    const answer = await this.#ask(order);
    if (!("turns" in answer)) throw new TypeError(`No turns in the answer to ${order.do}`);
    return answer.turns;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  async #ask(order: Order): Promise<Answer> {
    const over = new AbortController();
    const answered = once(this.#child, "message", { signal: over.signal });
    const ended = once(this.#child, "exit", { signal: over.signal }).then(() => {
      throw new Error(`The member ended while it was asked to ${order.do}`);
    });
    this.#child.send(order);
    try {
      const [answer] = (await Promise.race([answered, ended])) as [Answer];
      return answer;
    } finally {
      over.abort();
      for (const promise of [answered, ended]) promise.catch(() => {});
    }
  }
}
