import type { Listener, ProcessIdentity } from "../../shared/model/process.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";
import type { ClientInfo } from "../../shared/protocol/handshake.ts";
import { lineageOf } from "../processes/lineage.ts";
import type { Processes } from "../processes/processes.ts";
import { carriesCaller } from "../sessions/port-errors.ts";

type Asker = Pick<ClientInfo, "pid" | "kind">;
type Sources = Pick<Processes, "list" | "listeners">;

/** The listeners, with a mark at those that the caller runs in. */
export async function markCarriers(
  processes: Pick<Processes, "list">,
  listeners: readonly Listener[],
  asker: Asker,
): Promise<Listener[]> {
  if (listeners.length === 0) return [];
  const lineage = await lineageOf(processes, asker.pid);
  const carries = (one: Listener) => lineage.some((above) => isSameProcess(above, one));
  return listeners.map((one) => (carries(one) ? { ...one, carriesCaller: true } : one));
}

/**
 * Makes sure that a caller doesn't end itself with what it consents to end.
 * @throws DevlatchError `PORT_CONFLICT`, whatever was consented to
 */
export async function requireNotCarried(
  processes: Sources,
  consent: readonly ProcessIdentity[],
  asker: Asker,
): Promise<void> {
  if (consent.length === 0) return;
  const lineage = await lineageOf(processes, asker.pid);
  const carrier = consent.find((given) => lineage.some((above) => isSameProcess(above, given)));
  if (carrier === undefined) return;
  const listeners = (await processes.listeners()).filter((one) => isSameProcess(carrier, one));
  const [first] = listeners;
  // One that listens nowhere by now isn't ended either.
  if (first === undefined) return;
  throw carriesCaller(first.port, listeners, asker.kind === "window" ? "this window" : "what asks for it");
}
