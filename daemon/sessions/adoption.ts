import type { Listener, ProcessIdentity } from "../../shared/model/process.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { type ByHandCandidate, byHandCandidates } from "./by-hand-candidates.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { byHandSilent, byHandSuspended } from "./errors.ts";
import { probeHttp, probeTcp, reachableAt } from "./probe.ts";
import { urlOf } from "./readiness.ts";
import type { Target } from "./target.ts";
import type { SessionTree } from "./trees.ts";

/** How long it may take to answer, in milliseconds; a first page may have to be compiled. */
const answerMs = 15_000;

/** A server of this project that was started by hand. */
export interface Adoptable {
  readonly listener: Listener;
  readonly url: string;
}

/**
 * Looks for a server of this project that Devlatch didn't start, wherever it listens; see {@link byHandCandidates}. It
 * must answer.
 * @param trees of all live sessions: what belongs to one of them, of another app in the same directory too, isn't by
 *   hand
 * @param consent processes that the caller agreed to end: they keep nothing from being started
 * @throws DevlatchError `PORT_CONFLICT` where it is there but is suspended, or doesn't answer: a second one beside it
 *   would fight it
 */
export async function findAdoptable(
  target: Target,
  dependencies: Pick<SessionDependencies, "processes" | "workspace">,
  trees: readonly SessionTree[],
  consent: readonly ProcessIdentity[],
  signal: AbortSignal,
): Promise<Adoptable | undefined> {
  const { plan } = target;
  const othersPorts = () => portsOfOthers(target, dependencies);
  const found = await byHandCandidates(target, { ...dependencies, trees, othersPorts });
  const [first] = found;
  for (const { listener, suspended } of found) {
    if (suspended) continue;
    const answer = await answerOf(target, listener, signal);
    if (answer) return { listener, url: urlOf(listener, answer) };
  }
  if (first === undefined || consent.some((one) => isSameProcess(one, first.listener))) return undefined;
  throw stuck(plan.app, first);
}

function stuck(app: string, { listener, suspended }: ByHandCandidate) {
  return suspended ? byHandSuspended(app, listener) : byHandSilent(app, listener);
}

/**
 * Makes sure that a server which was adopted goes on: its terminal may have suspended it since.
 * @throws DevlatchError `PORT_CONFLICT`
 */
export async function refuseSuspended(
  { app, hosting, state }: SessionRecord,
  { processes }: Pick<SessionDependencies, "processes">,
): Promise<void> {
  if (hosting?.kind !== "adopted" || state.kind !== "ready") return;
  const found = (await processes.list()).find((one) => isSameProcess(one, state));
  if (!found?.suspended) return;
  const listener = (await processes.listeners(state.port)).find((one) => isSameProcess(one, state));
  if (listener) throw byHandSuspended(app, listener);
}

function answerOf({ plan: { ready } }: Target, { address, port }: Listener, signal: AbortSignal) {
  const at = reachableAt(address);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
  return ready !== undefined && !("http" in ready)
    ? probeTcp(at, port, limited)
    : probeHttp(at, port, "/", limited);
}

/** Ports that other apps of the sandbox wish, and this one doesn't. */
async function portsOfOthers(
  { plan, asked }: Target,
  { workspace }: Pick<SessionDependencies, "workspace">,
): Promise<ReadonlySet<number>> {
  const { apps } = await workspace.describe(asked.cwd);
  const others = apps.filter(({ app, port }) => app !== plan.app && port !== plan.port);
  return new Set(others.map(({ port }) => port));
}
