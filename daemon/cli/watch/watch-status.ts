import { once } from "node:events";
import { every, Scope } from "../../../shared/base/disposable.ts";
import { LiveClient } from "../../../shared/client/live-client.ts";
import type { Snapshot } from "../../../shared/model/snapshot.ts";
import type { Context } from "../context.ts";
import type { TerminalStreams } from "../output/output.ts";
import { Board } from "./board.ts";
import { Display } from "./display.ts";
import { frame } from "./frame.ts";
import { keysOf } from "./keys.ts";

/** How often ages and the clock go on where nothing else changes, in milliseconds. */
const tickMs = 1_000;

/**
 * Shows what runs until it is left: one screen with keys at a terminal, elsewhere one JSON document a line for every
 * change. Outlives the daemon. Looking starts none; a key that needs one does.
 * @throws DevlatchError the signal's reason where the program is ended by another signal than Ctrl-C's
 */
export async function watchStatus(context: Context): Promise<undefined> {
  const scope = new Scope();
  try {
    const acts = { wanted: false };
    const open = () => (acts.wanted ? context.ensure() : context.reconnect());
    const client = scope.add(new LiveClient({ open }));
    const { terminal } = context.output;
    if (terminal) await atTerminal(terminal, client, acts, context);
    else await inLines(client, context, scope);
    return undefined;
  } finally {
    scope.dispose();
  }
}

async function atTerminal(
  terminal: TerminalStreams,
  client: LiveClient,
  acts: { wanted: boolean },
  context: Context,
): Promise<void> {
  const { paint } = context.output;
  const left = new AbortController();
  const leave = () => left.abort();
  const size = () => context.output.terminalSize ?? { columns: 80, rows: 24 };
  const scope = new Scope();
  const board = scope.add(
    new Board(client, context, { size, onLeave: leave, onActs: () => (acts.wanted = true) }),
  );
  const display = new Display(terminal, paint, () => frame(board.view, size(), paint, Date.now()));
  try {
    scope.add(board.onChanged(() => display.changed()));
    scope.add(
      display.screen.onTyped((typed) => {
        for (const key of keysOf(typed)) board.press(key);
      }),
    );
    scope.add(display.screen.onGone(leave));
    scope.add(every(tickMs, () => display.changed()));
    const signal = AbortSignal.any([left.signal, context.signal]);
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    scope.dispose();
    await display.close();
  }
  endedBy(context);
}

async function inLines(client: LiveClient, context: Context, scope: Scope): Promise<void> {
  let last = "";
  scope.add(
    client.onSnapshotChanged((snapshot) => {
      const facts = factsOf(snapshot);
      const now = JSON.stringify(facts);
      if (now === last) return;
      last = now;
      void context.output.line(JSON.stringify({ at: Date.now(), ...facts }));
    }),
  );
  if (!context.signal.aborted) await once(context.signal, "abort");
  endedBy(context);
}

/** What a program follows: without what differs at every look. */
function factsOf({ sessions, alerts, health }: Snapshot) {
  return {
    sessions: sessions
      .map(({ resources: _, ...session }) => session)
      .sort((a, b) => (`${a.sandboxId}/${a.app}` < `${b.sandboxId}/${b.app}` ? -1 : 1)),
    alerts: alerts.alerts,
    health: health?.status ?? null,
  };
}

/** Ctrl-C is how watching ends. @throws DevlatchError the signal's reason for others */
function endedBy({ signal, interrupts }: Context): void {
  if (signal.aborted && interrupts.received !== "SIGINT") throw signal.reason;
}
