import type { Listener } from "../../shared/model/process.ts";
import type { SessionRecord, StartPhase } from "../../shared/model/session.ts";
import type { Processes, TreeRoot } from "../processes/processes.ts";
import { AwaitedLine } from "./awaited-line.ts";
import type { EndOfLaunch } from "./launch-end.ts";
import {
  asksAll,
  candidates,
  choose,
  hasWaited,
  isAnyones,
  isChain,
  isUnusual,
  type Wish,
} from "./listeners.ts";
import { type PartEnd, startsOwnPart } from "./own-part.ts";
import { type Answer, isWanted, probeHttp, probeTcp, reachableAt } from "./probe.ts";
import { Questions } from "./questions.ts";
import type { Standstill } from "./standstill.ts";

/** A server that answers: the listener belongs to its own tree, the port is the one really bound. */
export interface ReadyServer {
  readonly pid: number;
  readonly startTime: string;
  readonly port: number;
  readonly url: string;
}

/** What readiness looks at. */
export interface ReadinessSources {
  readonly processes: Pick<Processes, "members" | "listeners" | "listenersOf" | "listenersMark" | "describe">;
  /** The last lines of this launch's output. */
  readonly tail: () => readonly string[];
  /** Set once the server's process has ended, or its host. */
  readonly exited: () => EndOfLaunch | undefined;
  /** Called where a listener speaks something else than HTTP/1. */
  readonly onOther?: (listener: Listener) => void;
  /** Called once for each phase and port. */
  readonly onPhase: (phase: StartPhase, listener: Listener) => void;
  /** Looks, while the tree listens nowhere, whether it comes no further by itself. */
  readonly standstill?: (now: number) => Promise<Standstill | undefined>;
  /** Looks whether the app's own part of a command has ended, whatever else of it listens. */
  readonly partEnd?: (now: number) => PartEnd | undefined;
  /** For a look that no caller waits for: it costs less and is slower, in milliseconds between two looks. */
  readonly lookEveryMs?: number;
}

/** Pause between two looks at another process' sockets, in milliseconds. There is no event for them. */
const lookEveryMs = 25;
/** The same where a look is one question to the kernel. */
const quickLookEveryMs = 5;
/** How long the owners of the same sockets are taken to be the same, in milliseconds: one can hand its socket to another. */
const ownersLastMs = 250;

/** How waiting ended: the server answers, its process ended first, or it comes no further by itself. */
export type Readiness =
  | { readonly kind: "ready"; readonly server: ReadyServer }
  | { readonly kind: "ended"; readonly exit: EndOfLaunch }
  | { readonly kind: "part-ended"; readonly end: PartEnd }
  | { readonly kind: "standstill"; readonly standstill: Standstill };

/**
 * Waits until a listener of this very tree answers. A stranger on the port is never taken for it.
 * @throws the signal's reason
 * @throws DevlatchError `INVALID_INPUT` for a pattern that can't be used
 */
export async function waitUntilReady(
  record: SessionRecord,
  root: TreeRoot,
  sources: ReadinessSources,
  signal: AbortSignal,
): Promise<Readiness> {
  const { look, pauseMs } = ownListenersLook(root, sources);
  const { ready } = record;
  const awaited = ready && "pattern" in ready ? await AwaitedLine.of(ready.pattern) : undefined;
  const questions = new Questions((listener, ended) =>
    answerOf(record, listener, sources.onOther, AbortSignal.any([signal, ended])),
  );
  const onPhase = onceEach(sources.onPhase);
  let listensSince: number | undefined;
  let wish = wishOf(record);
  try {
    for (;;) {
      signal.throwIfAborted();
      const exit = sources.exited();
      if (exit) return { kind: "ended", exit };
      const own = await look();
      const now = performance.now();
      if (own.length === 0) {
        const standstill = await sources.standstill?.(now);
        if (standstill) return { kind: "standstill", standstill };
      } else listensSince ??= now;
      questions.keep(own);
      const waitedMs = listensSince === undefined ? 0 : now - listensSince;
      // Which parts there are is looked at once, where it may matter.
      if (wish.hasPart === undefined && isAnyones(own, wish, sources.tail))
        wish = { ...wish, hasPart: await hasPart(root, wish, sources.processes) };
      if (wish.isAlone === undefined && isUnusual(own, wish, waitedMs))
        wish = { ...wish, isAlone: isChain(await sources.processes.members(root)) };
      const found = await judge({ wish, sources, questions, onPhase, awaited, own, waitedMs }, signal);
      if (found) return { kind: "ready", server: found };
      const end = sources.partEnd?.(now);
      if (end) return { kind: "part-ended", end };
      await questions.next(pauseMs(), signal);
    }
  } finally {
    questions.dispose();
  }
}

/** The server, once it answers. Asks who is to be asked. */
async function judge(
  look: {
    readonly wish: Wish;
    readonly sources: Pick<ReadinessSources, "tail">;
    readonly questions: Questions;
    readonly onPhase: ReadinessSources["onPhase"];
    readonly awaited: AwaitedLine | undefined;
    readonly own: readonly Listener[];
    readonly waitedMs: number;
  },
  signal: AbortSignal,
): Promise<ReadyServer | undefined> {
  const { wish, sources, questions, onPhase, awaited, own, waitedMs } = look;
  const asked = asksAll(own, wish, sources.tail, waitedMs)
    ? own
    : candidates(own, wish.port, sources.tail, hasWaited(wish, waitedMs));
  for (const listener of asked) onPhase("listening", listener);
  if (awaited && asked.length > 0 && !(awaited.isSeen || (await awaited.isIn(sources.tail(), signal))))
    return undefined;
  for (const listener of asked) {
    if (!awaited) onPhase("responding", listener);
    questions.put(listener, performance.now());
  }
  const heard = asked.map((listener) => ({ listener, answer: questions.answerOf(listener) }));
  const chosen = choose(heard, wish, sources.tail, waitedMs);
  if (chosen?.answer === undefined) return undefined;
  const { pid, startTime, port } = chosen.listener;
  return { pid, startTime, port, url: urlOf(chosen.listener, chosen.answer) };
}

async function hasPart(
  root: TreeRoot,
  { app }: Wish,
  processes: Pick<Processes, "members" | "describe">,
): Promise<boolean> {
  const views = await Promise.allSettled(
    (await processes.members(root)).map((member) => processes.describe(member)),
  );
  const commands = views.flatMap((view) => (view.status === "fulfilled" ? [view.value.command] : []));
  return startsOwnPart(commands, app);
}

/** The port this launch was told to use; whether a caller wished for it. */
export function wishOf({ app, framework, settings: { port, wish, told } }: SessionRecord): Wish {
  return { app, port, isGuess: wish?.origin === "guessed" && !told, isKnown: framework !== undefined };
}

function onceEach(onPhase: ReadinessSources["onPhase"]): ReadinessSources["onPhase"] {
  const told = new Set<string>();
  return (phase, listener) => {
    const what = `${phase} ${listener.port}`;
    if (!told.has(what)) onPhase(phase, listener);
    told.add(what);
  };
}

/**
 * As {@link ownListeners}, again and again: while no process begins or ends to listen, nothing is looked at where the tree
 * has none, and seldom where it has: a first page is being compiled then, and wants the processor for itself.
 */
function ownListenersLook(
  root: TreeRoot,
  sources: Pick<ReadinessSources, "processes" | "lookEveryMs">,
): { look(): Promise<readonly Listener[]>; pauseMs(): number } {
  let own: readonly Listener[] = [];
  let seen: string | undefined;
  let lookedAt = 0;
  // To look at who listens costs more than to see that nothing changed.
  const unhurriedMs = () => sources.lookEveryMs && sources.lookEveryMs * (own.length === 0 ? 1 : 5);
  const pauseMs = () =>
    unhurriedMs() ?? (seen !== undefined && own.length === 0 ? quickLookEveryMs : lookEveryMs);
  const look = async () => {
    const mark = await sources.processes.listenersMark();
    const isSame = mark === seen;
    if (
      own.length === 0 ? isSame && mark !== undefined : isSame && performance.now() - lookedAt < ownersLastMs
    )
      return own;
    lookedAt = performance.now();
    own = await ownListeners(root, sources);
    seen = mark;
    return own;
  };
  return { look, pauseMs };
}

/** Listeners that belong to the tree. */
export async function ownListeners(
  root: TreeRoot,
  { processes }: { readonly processes: Pick<Processes, "members" | "listeners" | "listenersOf"> },
): Promise<readonly Listener[]> {
  const members = await processes.members(root);
  if (members.length === 0) return [];
  const own = await processes.listenersOf(members);
  if (own !== undefined) return own;
  const pids = new Set(members.map(({ pid }) => pid));
  return (await processes.listeners()).filter(({ pid }) => pids.has(pid));
}

/** What a listener answers to what tells that this app is ready; undefined where that isn't it. */
async function answerOf(
  { ready }: SessionRecord,
  listener: Listener,
  onOther: ReadinessSources["onOther"],
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const address = reachableAt(listener.address);
  if (ready && "tcp" in ready) return probeTcp(address, listener.port, signal);
  if (ready && "pattern" in ready)
    return (await probeHttp(address, listener.port, "/", signal)) ?? { scheme: "tcp" };
  const answer = await probeHttp(address, listener.port, ready?.http ?? "/", signal, () =>
    onOther?.(listener),
  );
  return answer === undefined || isWanted(answer, ready) ? answer : undefined;
}

/** How a listener that answered is addressed. */
export function urlOf(listener: Listener, { scheme }: Answer): string {
  const local = ["0.0.0.0", "127.0.0.1", "::", "::1"].includes(listener.address);
  const host = local
    ? "localhost"
    : listener.address.includes(":")
      ? `[${listener.address}]`
      : listener.address;
  return `${scheme === "tcp" ? "http" : scheme}://${host}:${listener.port}`;
}
