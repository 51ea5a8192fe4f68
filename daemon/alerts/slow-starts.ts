import { formatMs } from "../../shared/base/deadline.ts";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { Emitter } from "../../shared/base/emitter.ts";
import { digest } from "../../shared/base/token.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { phaseWords, slowStartMs } from "../../shared/model/state-words.ts";
import type { Problem } from "./book.ts";

/** Servers of this machine whose start takes longer than a minute: what it waits for, and what a person can do. */
export class SlowStarts implements Disposable {
  readonly #machineId: string;
  readonly #scope = new Scope();
  readonly #changed = this.#scope.add(new Emitter<void>());
  readonly #starting = new Map<string, SessionRecord>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** A start has become slow by time alone. */
  readonly onChanged = this.#changed.event;

  constructor(machineId: string) {
    this.#machineId = machineId;
    this.#scope.defer(() => {
      for (const timer of this.#timers.values()) clearTimeout(timer);
    });
  }

  get problems(): readonly Problem[] {
    const isSlow = ({ state }: SessionRecord) => Date.now() - state.since >= slowStartMs;
    return [...this.#starting.values()].filter(isSlow).flatMap(problemsOf);
  }

  /** @param key of the session in the store @param record undefined if it was removed */
  observe(key: string, record: SessionRecord | undefined): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#starting.delete(key);
    if (record?.state.kind !== "starting") return;
    if (record.hosting && record.hosting.machineId !== this.#machineId) return;
    this.#starting.set(key, record);
    const inMs = record.state.since + slowStartMs - Date.now();
    if (inMs <= 0 || this.#scope.disposed) return;
    const timer = setTimeout(() => this.#changed.fire(), inMs + 1);
    timer.unref();
    this.#timers.set(key, timer);
  }

  dispose(): void {
    this.#scope.dispose();
  }
}

function problemsOf(record: SessionRecord): readonly Problem[] {
  const { app, root, state, startedAt } = record;
  if (state.kind !== "starting") return [];
  const server = { app, cwd: root };
  const waitsFor =
    state.asks === undefined ? phaseWords(state.phase) : `it asks on its terminal: ${state.asks}`;
  return [
    {
      id: `slow-${digest(`${sessionKey(record)} ${startedAt}`, 6)}`,
      kind: "server",
      severity: "warning",
      title: `${app} is slow to start (${formatMs(slowStartMs)})`,
      message: `${waitsFor.charAt(0).toUpperCase()}${waitsFor.slice(1)}.`,
      remedy: `Read its output with: devlatch logs ${app}. It goes on starting; end it with: devlatch stop ${app}`,
      actions: [{ kind: "show-output", ...server }, { kind: "wait" }, { kind: "stop", ...server }],
      settleMs: 0,
      sandboxIds: [record.sandboxId],
      session: sessionKey(record),
    },
  ];
}
