import { DevlatchError } from "../../shared/base/errors.ts";
import type { HolderView } from "../../shared/model/holder.ts";
import type { ProcessView } from "../../shared/model/process.ts";
import { isActive, isLive, type SessionRecord, sessionKey, sessionName } from "../../shared/model/session.ts";
import type { Caller } from "../holders/callers.ts";
import type { SessionPlace } from "../holders/records.ts";
import type { CallContext } from "./contract.ts";
import type { Parts } from "./parts.ts";

type HoldingParts = Pick<Parts, "holders" | "callers" | "sessions" | "processes" | "cleanups" | "log">;

/** A server that ended by itself this long ago is nobody's any more, in milliseconds: no restart is to be waited for. */
const forgottenAfterMs = 60_000;

/** Notes that the caller uses a session that runs. Never rejects: to look at a server is more than to be noted. */
export async function noteUse(
  parts: HoldingParts,
  place: SessionPlace,
  { client }: Pick<CallContext, "client">,
): Promise<void> {
  const record = recordOf(parts, place);
  const caller = record && isLive(record.state) ? await parts.callers.of(client) : undefined;
  if (caller) await join(parts, place, caller);
}

/** A window that connects may be one that was reloaded. Never rejects. */
export async function welcomeBack(
  parts: HoldingParts,
  { client }: Pick<CallContext, "client">,
): Promise<void> {
  const caller = await parts.callers.of(client);
  if (caller) await quietly(parts, client.name, () => parts.holders.comeBack(caller));
}

/**
 * Starts a session for a caller, who holds it from the moment it is asked for: nobody ends unasked what somebody waits
 * for. A start that fails is as if it had never been asked for.
 */
export async function whileHolding<T>(
  parts: HoldingParts,
  place: SessionPlace,
  caller: Caller | undefined,
  start: () => Promise<T>,
): Promise<T> {
  if (!caller) return start();
  await forgetEnded(parts, place);
  const isNew = await join(parts, place, caller);
  try {
    const result = await start();
    // Once more: a stop that went before it has made everybody forgotten.
    await join(parts, place, caller);
    return result;
  } catch (error) {
    if (isNew) await quietly(parts, place.app, () => parts.holders.leave(place, caller));
    throw error;
  }
}

/**
 * Makes sure that nobody but the caller uses a session that is about to be stopped.
 * @param verb what the caller does, as the command line has it
 * @throws DevlatchError `CONSENT_REQUIRED`, with the names of those who do; `STORE_UNAVAILABLE`
 */
export async function requireUnheld(
  parts: HoldingParts,
  place: SessionPlace,
  caller: Caller | undefined,
  verb: "stop" | "restart",
): Promise<void> {
  const record = recordOf(parts, place);
  // One that is about to be restarted is in use, too.
  if (!record || !isActive(record.state)) return;
  const others = await parts.holders.others(place, caller);
  if (others.length === 0) return;
  const { state, hosting } = record;
  // Consent is given to what is shown, so a process that somebody started by hand is shown too.
  const byHand = hosting?.kind === "adopted" && state.kind === "ready";
  throw usedByOthers(record, others, verb, byHand ? await parts.processes.describe(state) : undefined);
}

/** Nobody holds a session that was stopped. Never rejects: where that can't be written down now, it is later. */
export async function forgetHolders(
  { holders, cleanups }: Pick<Parts, "holders" | "cleanups">,
  { sandboxId, app }: SessionPlace,
): Promise<void> {
  const task = { kind: "forget-holders", sandboxId, app } as const;
  try {
    await holders.forget({ sandboxId, app });
    cleanups.settle(task);
  } catch (error) {
    cleanups.owe({ what: "forget who used", thing: `${sessionName(app)} in ${sandboxId}`, task }, error);
  }
}

/** Whoever starts it is the first: those of a server that ended long ago, or are to be forgotten anyway, aren't asked. */
async function forgetEnded(parts: HoldingParts, place: SessionPlace): Promise<void> {
  const state = recordOf(parts, place)?.state;
  if (!state || isActive(state)) return;
  const isOwed = parts.cleanups
    .list()
    .some(({ task }) => task.kind === "forget-holders" && isAt(task, place));
  if (isOwed || Date.now() - state.since > forgottenAfterMs) await forgetHolders(parts, place);
}

function isAt(one: SessionPlace, place: SessionPlace): boolean {
  return one.sandboxId === place.sandboxId && one.app === place.app;
}

async function join(parts: HoldingParts, place: SessionPlace, caller: Caller): Promise<boolean> {
  let isNew = false;
  await quietly(parts, place.app, async () => {
    isNew = await parts.holders.join(place, caller);
  });
  return isNew;
}

/** Who holds a session is no reason to fail what was asked for. */
async function quietly({ log }: HoldingParts, whose: string, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) =>
    log.warn({ err: error, whose }, "holders could not be written down"),
  );
}

function recordOf({ sessions }: HoldingParts, { sandboxId, app }: SessionPlace): SessionRecord | undefined {
  return sessions.registry.peek(sessionKey(sandboxId, app));
}

function usedByOthers(
  { session, app }: SessionRecord,
  holders: readonly HolderView[],
  verb: "stop" | "restart",
  process: ProcessView | undefined,
): DevlatchError {
  const names = holders.map(({ label }) => label);
  const byHand = process
    ? ` It was started by hand, not by Devlatch: \`${process.command}\`, pid ${process.pid}.`
    : "";
  return new DevlatchError(
    "CONSENT_REQUIRED",
    `${session} is also used by ${inWords(names)}.${byHand}`,
    `To ${verb} it all the same: devlatch ${verb} ${app} --yes`,
    { data: { holders, ...(process ? { process } : {}) } },
  );
}

function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join("; ")} and ${names.at(-1)}`;
}
