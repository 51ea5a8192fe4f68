import { Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { noConcurrency } from "../../shared/model/concurrency.ts";
import type { HealthSample } from "../../shared/model/health-history.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { ResourceHistory } from "../../shared/model/resources.ts";
import type { SessionView } from "../../shared/model/session.ts";
import { sessionName } from "../../shared/model/session-names.ts";
import type { Sender } from "../../shared/operations/operation.ts";
import type { MethodName, Params, Result } from "../../shared/protocol/methods.ts";
import type { WindowState } from "../state/window-state.ts";
import { checkRows } from "./check-rows.ts";
import { buildMarks, lockRows, marksOf, serverPlots } from "./dashboard-data.ts";
import { type DashboardData, type Mark, type Span, spans } from "./page-data.ts";
import { latencySeries, withSample } from "./series.ts";
import { waitsOf } from "./waits.ts";

/** More servers than this are not drawn. */
const mostServers = 12;
const mostEntries = 500;
/** Looks at all components over a week, some 2,200: single ones of a day, hours before. */
const looksAPage = 5_000;
/** More are there only where a state changes all the time. */
const mostPages = 3;

/** Least time between two questions for the past, in milliseconds. */
const refreshMs = 3_000;

interface Known {
  readonly history: ResourceHistory;
  readonly marks: readonly Mark[];
}
const nothing: Known = { history: { samples: [], minutes: [] }, marks: [] };

/** The window's state, and an event for each change of it. */
interface StateOfWindow {
  readonly current: WindowState;
  onChanged(listener: (state: WindowState) => void): { dispose(): void };
}

/** What the dashboard shows: the past is asked for, what comes is taken from the window's state. */
export class Gathering extends Scope {
  readonly #state: StateOfWindow;
  readonly #sender: Sender;
  readonly #changed = this.add(new Emitter<void>());
  readonly #known = new Map<string, Known>();
  readonly #ended = new AbortController();
  #looks: readonly HealthSample[] = [];
  /** Which check of the health the looks go up to. */
  #looksAt: number | undefined;
  #concurrency = noConcurrency;
  #span: Span = "minutes";
  /** What the past was asked for last: with another it is asked again. */
  #asked = "";

  #pause: NodeJS.Timeout | undefined;
  /** Whether something changed during the pause. */
  #isDue = false;

  readonly onChanged = this.#changed.event;

  constructor(state: StateOfWindow, sender: Sender) {
    super();
    this.#state = state;
    this.#sender = sender;
    this.defer(() => this.#ended.abort());
    this.defer(() => clearTimeout(this.#pause));
    this.add(state.onChanged((now) => this.#take(now)));
    this.#take(state.current);
  }

  set span(span: Span) {
    this.#span = span;
    this.#changed.fire();
  }

  /** @param now milliseconds since the epoch */
  data(now: number): DashboardData {
    const { link, health } = this.#state.current;
    const from = now - spans[this.#span];
    const ofServers = this.#looks.filter(({ component }) => component === "servers");
    return {
      now,
      span: this.#span,
      away: link.kind === "disconnected" ? link.error.message : null,
      servers: this.#sessions.map((session) => {
        const key = sessionKey(session);
        const past = { ...(this.#known.get(key) ?? nothing), checks: ofServers };
        return serverPlots(session, key, past, { from, now });
      }),
      latency: latencySeries(this.#looks, from),
      locks: lockRows(this.#concurrency.keys),
      waits: waitsOf(this.#concurrency, now),
      checks: checkRows(health, this.#looks, from),
    };
  }

  /** Asks for the past anew; what can't be had stays as it was. */
  async refresh(): Promise<void> {
    await Promise.all([
      ...this.#sessions.map((session) => this.#askFor(session)),
      this.#askForLooks(),
      this.#ask("monitor/concurrency", {}, (concurrency) => {
        this.#concurrency = concurrency;
      }),
    ]);
    if (!this.disposed) this.#changed.fire();
  }

  /** A week of looks is much: it is asked for when there was another. */
  async #askForLooks(): Promise<void> {
    const checkedAt = this.#state.current.health?.checkedAt;
    if (checkedAt !== undefined && checkedAt === this.#looksAt) return;
    const from = Date.now() - spans.week;
    const looks: HealthSample[] = [];
    let next: string | null | undefined;
    for (let page = 0; page < mostPages && next !== null; page++) {
      const ask = { from, limit: looksAPage, ...(next === undefined ? {} : { cursor: next }) };
      next = null;
      await this.#ask("health/history", ask, (answer) => {
        looks.push(...answer.samples);
        next = answer.next;
        this.#looksAt = checkedAt;
      });
    }
    if (looks.length > 0) this.#looks = looks;
  }

  get #sessions(): readonly SessionView[] {
    const rank = ({ state }: SessionView) => (state.kind === "stopped" ? 1 : 0);
    const order = (a: SessionView, b: SessionView) =>
      rank(a) - rank(b) || (sessionKey(a) < sessionKey(b) ? -1 : 1);
    return [...this.#state.current.sessions].sort(order).slice(0, mostServers);
  }

  #take({ link, sessions, health, locks }: WindowState): void {
    const keys = new Set(sessions.map(sessionKey));
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key);
    for (const session of sessions) {
      const key = sessionKey(session);
      const known = this.#known.get(key) ?? nothing;
      this.#known.set(key, { ...known, history: withSample(known.history, session.resources) });
    }
    const states = sessions.map((one) => [sessionKey(one), one.state.kind, one.build?.seq]);
    const held = locks.map(({ key, fence, waiters }) => [key, fence, waiters]);
    const asked = JSON.stringify([link.kind, states, held, health?.checkedAt]);
    if (asked !== this.#asked && link.kind === "connected") {
      this.#asked = asked;
      this.#refreshSoon();
    }
    this.#changed.fire();
  }

  /** At once, then not again for a while: a build that says much changes the state with every line. */
  #refreshSoon(): void {
    if (this.#pause) {
      this.#isDue = true;
      return;
    }
    this.#isDue = false;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      if (this.#isDue) this.#refreshSoon();
    }, refreshMs);
    void this.refresh();
  }

  async #askFor(session: SessionView): Promise<void> {
    const { app, cwd, sandboxId } = session;
    const key = sessionKey(session);
    let { history } = this.#known.get(key) ?? nothing;
    let happened: readonly Mark[] = [];
    let errors: readonly Mark[] = [];
    const ofSession = {
      kinds: ["session" as const],
      sandboxId,
      session: sessionName(app),
      limit: mostEntries,
    };
    await Promise.all([
      this.#ask("session/resources", { cwd, app }, (answer) => {
        history = withSample(answer, session.resources);
      }),
      this.#ask("journal/read", ofSession, ({ entries }) => {
        happened = marksOf(session, entries, 0);
      }),
      this.#ask("session/events", { cwd, app, types: ["error"] }, ({ events }) => {
        const said = events.flatMap((one) => (one.kind === "error" && one.phase === "build" ? [one] : []));
        errors = buildMarks(said, 0);
      }),
    ]);
    if (!this.disposed) this.#known.set(key, { history, marks: [...happened, ...errors] });
  }

  async #ask<M extends MethodName>(
    method: M,
    params: Params<M>,
    take: (answer: Result<M>) => void,
  ): Promise<void> {
    const { signal } = this.#ended;
    try {
      take(await this.#sender.request<M>(method, params, { signal }));
    } catch {
      // The daemon is away, or older than this: what is known is shown, and the state says why.
    }
  }
}
