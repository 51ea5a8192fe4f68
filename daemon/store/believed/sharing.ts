import type { Hosting } from "../../../shared/model/session.ts";

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** What is said of a launch of another home, in place of its machine: nothing here may act on it. */
export const elsewhere = "elsewhere";

/** What of a session's or run's record others need: to reuse it, to compare with it, to say whose it is. */
const sharedFields = [
  ...["session", "key", "app", "sandboxId", "root", "fence", "settings", "framework", "member"],
  ...["hosting", "state", "startedAt", "callId"],
];

/** What takes the place of the fields that aren't shared, for those who read another home's record. */
const unknownFields = { stop: { signal: "SIGTERM", timeoutMs: 2_000 }, restart: "never", restarts: 0 };

/**
 * The part of a session's or run's record that goes to the shared store. How it is asked for again, restarted and
 * stopped is its home's own; so are the last lines of its output, which may hold secrets, and who stopped it or has its port.
 */
export function toShared(record: Json): Json {
  const shared = Object.fromEntries(Object.entries(record).filter(([name]) => sharedFields.includes(name)));
  return { ...shared, state: withoutOutput(record["state"]) };
}

/**
 * A record of the shared store as this home may believe it: whole where this home wrote it so. Where another home, or
 * an intruder, wrote of a launch of ours, what it is comes from here; only where it stands comes from there, and is marked
 * (`told`). A planned restart is its home's alone to tell.
 * @returns undefined for a launch that this home knows nothing of
 */
export function joined(shared: Json, own: Json | undefined): Json | undefined {
  if (!own) return undefined;
  if (sameJson(toShared(own), shared)) return own;
  const launch = launchIn(shared["hosting"]);
  if (launch === undefined || launch !== launchIn(own["hosting"])) return undefined;
  const { state, fence } = shared;
  return {
    ...own,
    fence,
    state: kindOf(state) === "restarting" ? stoppedFrom(state) : state,
    told: elsewhere,
  };
}

/** The same record where its launch is none of ours: to be shown and compared, not to be acted on. */
export function foreign(shared: Json): Json {
  const hosting = asObject(shared["hosting"]);
  const strange = hosting && {
    hosting: { ...hosting, machineId: elsewhere, ...("directory" in hosting ? { directory: "" } : {}) },
  };
  return { ...unknownFields, ...shared, ...strange };
}

/** The same where nothing stands behind it: its host would have to be on this machine, and isn't. */
export function unhosted(shared: Json): Json {
  const { hosting: _, ...rest } = shared;
  return { ...unknownFields, ...rest };
}

/** The record of a launch on this machine whose host proved itself. */
export function proven(shared: Json): Json {
  return { ...unknownFields, ...shared, launchedBy: elsewhere };
}

/** Whether the record's launch is one that a home may act on by it: its own, or one that proved itself. */
export function isActable(record: Json): boolean {
  const hosting = asObject(record["hosting"]);
  return hosting !== undefined && hosting["machineId"] !== elsewhere;
}

/** Whether a process tree may stand behind the record by its own account. */
export function mayLive(record: Json): boolean {
  return ["starting", "running", "ready", "crashed", "stopping"].includes(String(kindOf(record["state"])));
}

/** Names a launch, or a server that was started by hand. */
function launchIn(value: unknown): string | undefined {
  const hosting = value as Partial<Hosting> | undefined;
  if (hosting?.kind === "hosted") return hosting.launchId;
  return hosting?.kind === "adopted" ? `${hosting.pid} ${hosting.startTime}` : undefined;
}

function stoppedFrom(state: unknown): Json {
  const since = asObject(state)?.["since"];
  return { kind: "stopped", since: typeof since === "number" ? since : 0 };
}

function withoutOutput(state: unknown): unknown {
  const { asks, place: _, cause: __, displaced: ___, stoppedBy: ____, ...rest } = asObject(state) ?? {};
  if (["ready", "stopped"].includes(String(rest["kind"]))) return rest;
  if (asks !== undefined) return { ...rest, asks: "a question" };
  const error = asObject(rest["error"]);
  if (rest["kind"] === "crashed")
    return { ...rest, error: { ...error, message: "It crashed and waits for a change.", logTail: [] } };
  return error?.["logTail"] ? { ...asObject(state), error: { ...error, logTail: [] } } : state;
}

function kindOf(state: unknown): unknown {
  return asObject(state)?.["kind"];
}

/** @returns undefined for what is no object */
export function asObject(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** Whether two values are written alike; the order of their fields doesn't count. */
function sameJson(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    const object = asObject(part);
    return object ? Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))) : part;
  });
}
