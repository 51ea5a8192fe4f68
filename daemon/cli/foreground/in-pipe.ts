import { abortable, pause } from "../../../shared/base/deadline.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { LaunchOutput } from "../../../shared/protocol/usage.ts";
import type { Context } from "../context.ts";
import { reconnect } from "../reconnect.ts";
import { restartPatience } from "./after.ts";
import { nextPage, presentLaunch } from "./launch-output.ts";
import { leave } from "./leave.ts";
import { handOn } from "./piped-input.ts";
import { PlainOutput } from "./plain-output.ts";
import type { Served } from "./served.ts";
import type { Stayed } from "./stayed.ts";

/** What is shown of a server that ran before, in bytes: enough for its address, and for what watches for that. */
const pastBytes = 64 * 1024;
/** How long a line that doesn't end is held back, in milliseconds: it may be a question. */
const unfinishedMs = 150;
/** Pause between two looks whether another launch has begun, in milliseconds. */
const lookEveryMs = 100;

/** Writes what the server writes as lines, for a runner's pipe, until it ends or this is told to end. */
export async function stayInPipe(
  served: Served & { readonly launch: string },
  context: Context,
): Promise<Stayed> {
  const follower = new Follower(served, context);
  const input = context.output.pipedInput;
  if (input) void handOn(input, (data) => follower.press(data));
  try {
    return { kind: "ended", exit: await follower.follow() };
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
  const line = await leave({ app: served.app, stop: "any" }, context);
  await follower.rest();
  if (line !== undefined) context.output.note(context.output.paintError("dim", line));
  return { kind: "left" };
}

/** Follows one launch after the other, over one daemon after the other. */
class Follower {
  readonly #served: Served;
  readonly #context: Context;
  readonly #plain: PlainOutput;
  #connection: Connection;
  #launch: string;
  #cursor: number | undefined;
  #unfinished: NodeJS.Timeout | undefined;

  constructor(served: Served & { readonly launch: string }, context: Context) {
    this.#served = served;
    this.#context = context;
    this.#connection = served.connection;
    this.#launch = served.launch;
    this.#plain = new PlainOutput(context.output.colours);
  }

  /** @throws the signal's reason; DevlatchError what the daemon refuses */
  async follow() {
    const { signal } = this.#context;
    for (;;) {
      const page = await this.#page(signal);
      if (page === undefined) continue;
      await this.#show(page, signal);
      if (!page.over) continue;
      await this.#flush();
      if (!(await this.#another(signal))) return page.over.exit;
    }
  }

  /** Types into the server's terminal. @throws DevlatchError `NOT_RUNNING` */
  press(data: string) {
    const params = { cwd: this.#context.cwd, app: this.#served.app, data };
    return this.#connection.request("terminal/press", params, { signal: this.#context.signal });
  }

  /** What it wrote while it was left, as far as that can be had. */
  async rest(): Promise<void> {
    const signal = AbortSignal.timeout(2_000);
    try {
      this.#connection = await this.#context.ensure(signal);
      for (;;) {
        const page = await nextPage(this.#connection, this.#of, this.#place, false, signal);
        if (page.data === "") break;
        await this.#show(page, signal);
      }
    } catch {}
    await this.#flush();
  }

  get #of() {
    return { cwd: this.#context.cwd, app: this.#served.app, launch: this.#launch };
  }

  get #place() {
    if (this.#cursor !== undefined) return { cursor: this.#cursor };
    return this.#served.outcome === "started" ? {} : { last: pastBytes };
  }

  /** @returns undefined where another daemon has to be asked */
  async #page(signal: AbortSignal): Promise<LaunchOutput | undefined> {
    try {
      return await abortable(nextPage(this.#connection, this.#of, this.#place, true, signal), signal);
    } catch (error) {
      if (signal.aborted || !hasCode(error, "DAEMON_UNAVAILABLE")) throw error;
      this.#connection.dispose();
      this.#connection = await reconnect(this.#context, signal, () =>
        this.#context.output.note("devlatch: the daemon was stopped; waiting until it runs again."),
      );
      return undefined;
    }
  }

  async #show({ data, next }: LaunchOutput, signal: AbortSignal): Promise<void> {
    this.#cursor = next;
    if (data === "") return;
    clearTimeout(this.#unfinished);
    const text = this.#plain.take(Buffer.from(data, "base64"));
    if (text !== "") await abortable(this.#context.output.raw(Buffer.from(text)), signal);
    this.#unfinished = setTimeout(() => void this.#flush(), unfinishedMs);
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#unfinished);
    const text = this.#plain.flush();
    if (text !== "") await this.#context.output.raw(Buffer.from(text));
  }

  /** Whether it was started again; from then on that launch is followed. */
  async #another(signal: AbortSignal): Promise<boolean> {
    const ended = { ...this.#served, launch: this.#launch };
    const { cwd } = this.#context;
    const until = performance.now() + (await restartPatience(ended, this.#context));
    while (performance.now() < until) {
      const { app } = this.#served;
      const launch = await presentLaunch(this.#connection, { cwd, app }, signal).catch(() => this.#launch);
      if (launch !== this.#launch) {
        this.#launch = launch;
        this.#cursor = undefined;
        return true;
      }
      await pause(lookEveryMs, signal);
    }
    return false;
  }
}
