import type { Exit } from "../../shared/model/exit.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";
import type { SessionRecord, SessionState } from "../../shared/model/session.ts";
import { isLive } from "../../shared/model/session-state.ts";
import type { Hosts } from "../hosts/hosts.ts";
import type { SessionDependencies } from "./dependencies.ts";

/** What is really there behind a session record. */
export type Finding =
  /** Nothing runs, or nothing that still belongs to the session. */
  | { readonly kind: "nothing"; readonly exit?: Exit }
  /** The listener of the record lives and belongs to the session. */
  | { readonly kind: "serving" }
  /** The tree lives, but doesn't listen where the record says. */
  | { readonly kind: "running" }
  /** The host lives but doesn't answer. */
  | { readonly kind: "silent" }
  /** Another machine holds it: only its daemon can know more. */
  | { readonly kind: "elsewhere" };

/** Compares a record with the processes and sockets of this machine. */
export async function examine(
  record: SessionRecord,
  dependencies: Pick<SessionDependencies, "processes" | "machineId">,
  hosts: Hosts,
): Promise<Finding> {
  // What another home says of a launch of ours isn't enough to call it over: its host knows.
  if (!(isLive(record.state) || record.told) || !record.hosting) return { kind: "nothing" };
  if (record.hosting.machineId !== dependencies.machineId) return { kind: "elsewhere" };
  if (record.hosting.kind === "adopted") {
    return (await listensAsRecorded(record, dependencies)) ? { kind: "serving" } : { kind: "nothing" };
  }
  const host = await hosts.stateOf(record.hosting);
  if (host.kind === "silent") return { kind: "silent" };
  if (host.kind === "gone") return host.exit ? { kind: "nothing", exit: host.exit } : { kind: "nothing" };
  return (await listensAsRecorded(record, dependencies)) ? { kind: "serving" } : { kind: "running" };
}

/** By ready state: the sockets that were seen to belong to the process it names. */
const proven = new WeakMap<SessionState, string>();

/**
 * Whether the very process in the record still listens on the very port. Who owns which socket is looked for only where
 * the port's sockets aren't those that were looked at before.
 */
export async function listensAsRecorded(
  { state }: SessionRecord,
  { processes }: Pick<SessionDependencies, "processes">,
): Promise<boolean> {
  if (state.kind !== "ready") return false;
  const sockets = await processes.listenersMark(state.port);
  if (sockets !== undefined && proven.get(state) === sockets) return processes.isAlive(state);
  const listeners = await processes.listeners(state.port);
  const listens = listeners.some((one) => isSameProcess(one, state));
  if (listens && sockets) proven.set(state, sockets);
  else proven.delete(state);
  return listens;
}
