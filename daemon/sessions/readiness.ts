import { pause } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { ReadyProbe } from "../../shared/model/app.ts";
import type { Listener } from "../../shared/model/process.ts";
import type { Exit, SessionRecord, StartPhase } from "../../shared/model/session.ts";
import type { Processes, TreeRoot } from "../processes/processes.ts";
import { AwaitedLine } from "./awaited-line.ts";
import { type Answer, probeHttp, probeTcp, reachableAt } from "./probe.ts";

/** A server that answers: the listener belongs to its own tree, the port is the one really bound. */
export interface ReadyServer {
  readonly pid: number;
  readonly startTime: string;
  readonly port: number;
  readonly url: string;
}

/** What readiness looks at. */
export interface ReadinessSources {
  readonly processes: Pick<Processes, "members" | "listeners" | "listenersMark">;
  /** The last lines of this launch's output. */
  readonly tail: () => readonly string[];
  /** Set once the server's process has ended. */
  readonly exited: () => Exit | undefined;
  /** Called where a listener speaks something else than HTTP/1. */
  readonly onOther?: () => void;
  /** Called once for each phase and port. */
  readonly onPhase: (phase: StartPhase, listener: Listener) => void;
}

/** Pause between two looks at another process' sockets, in milliseconds. There is no event for them. */
const lookEveryMs = 25;
/** The same where a look is one question to the kernel. */
const quickLookEveryMs = 5;
/** Pause after an answer that isn't the wanted one, in milliseconds: each question is a request in the server's log. */
const unwellPauseMs = 200;
/** How long a tree that listens elsewhere than wished is given to open the wished port, in milliseconds. */
const wishedPortGraceMs = 1_500;

/** How waiting ended: the server answers, or its process ended first. */
export type Readiness =
  | { readonly kind: "ready"; readonly server: ReadyServer }
  | { readonly kind: "ended"; readonly exit: Exit };

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
  let othersSince: number | undefined;
  const told = new Set<string>();
  const onPhase = (phase: StartPhase, listener: Listener) => {
    const what = `${phase} ${listener.port}`;
    if (!told.has(what)) sources.onPhase(phase, listener);
    told.add(what);
  };
  const { look, pauseMs } = ownListenersLook(root, sources);
  const awaited =
    record.ready && "pattern" in record.ready ? await AwaitedLine.of(record.ready.pattern) : undefined;
  for (;;) {
    signal.throwIfAborted();
    const exit = sources.exited();
    if (exit) return { kind: "ended", exit };
    const own = await look();
    if (own.length > 0) othersSince ??= performance.now();
    const waited = othersSince !== undefined && performance.now() - othersSince > wishedPortGraceMs;
    for (const listener of candidates(own, record.settings.port, sources.tail, waited)) {
      onPhase("listening", listener);
      const answer = await answers(record, listener, { ...sources, onPhase, awaited }, signal);
      if (answer) {
        const { pid, startTime, port } = listener;
        return { kind: "ready", server: { pid, startTime, port, url: urlOf(listener, answer) } };
      }
    }
    await pause(pauseMs(), signal);
  }
}

/**
 * As {@link ownListeners}, again and again: while the tree has none and no process began to listen, nothing is looked
 * at.
 */
function ownListenersLook(
  root: TreeRoot,
  sources: Pick<ReadinessSources, "processes">,
): { look(): Promise<readonly Listener[]>; pauseMs(): number } {
  let own: readonly Listener[] = [];
  let seen: string | undefined;
  const pauseMs = () => (seen !== undefined && own.length === 0 ? quickLookEveryMs : lookEveryMs);
  const look = async () => {
    const mark = await sources.processes.listenersMark();
    if (mark !== undefined && mark === seen && own.length === 0) return own;
    own = await ownListeners(root, sources);
    seen = mark;
    return own;
  };
  return { look, pauseMs };
}

/** Listeners that belong to the tree. */
export async function ownListeners(
  root: TreeRoot,
  { processes }: { readonly processes: Pick<Processes, "members" | "listeners"> },
): Promise<readonly Listener[]> {
  const members = new Set((await processes.members(root)).map(({ pid }) => pid));
  if (members.size === 0) return [];
  return (await processes.listeners()).filter(({ pid }) => members.has(pid));
}

/**
 * Which of the tree's listeners may be the app, best first: the wished port; else one whose URL the server printed;
 * else, once there was time to open the wished one, the lowest (an inspector or a hot-reload socket is usually high).
 */
export function candidates(
  own: readonly Listener[],
  wished: number,
  output: () => readonly string[],
  waited: boolean,
): readonly Listener[] {
  const onWished = own.filter(({ port }) => port === wished);
  if (onWished.length > 0 || own.length === 0) return onWished;
  const lines = output();
  const printed = own.filter(({ port }) => lines.some((line) => mentionsUrl(line, port)));
  if (printed.length > 0) return printed;
  return waited ? [...own].sort((a, b) => a.port - b.port) : [];
}

function mentionsUrl(line: string, port: number): boolean {
  return new RegExp(`https?://[^\\s/]*:${port}(?!\\d)`).test(line);
}

async function answers(
  record: SessionRecord,
  listener: Listener,
  sources: ReadinessSources & { readonly awaited: AwaitedLine | undefined },
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const { ready } = record;
  const address = reachableAt(listener.address);
  if (ready && "pattern" in ready) {
    if (!(await sources.awaited?.isIn(sources.tail(), signal))) return undefined;
    return (await probeHttp(address, listener.port, "/", signal)) ?? { scheme: "tcp" };
  }
  sources.onPhase("responding", listener);
  if (ready && "tcp" in ready) return probeTcp(address, listener.port, signal);
  const gone = new AbortController();
  const watch = setInterval(() => {
    if (sources.exited())
      gone.abort(new DevlatchError("NOT_RUNNING", "The server ended.", "Start it again."));
  }, lookEveryMs);
  try {
    const path = ready?.http ?? "/";
    const either = AbortSignal.any([signal, gone.signal]);
    const answer = await probeHttp(address, listener.port, path, either, sources.onOther);
    if (answer === undefined || isWanted(answer, ready)) return answer;
    await pause(unwellPauseMs, signal);
    return undefined;
  } finally {
    clearInterval(watch);
  }
}

/** Any answer shows that a server is there; one at a path that was named shows that all is well. */
function isWanted({ status = 0 }: Answer, ready: Extract<ReadyProbe, { http: string }> | undefined): boolean {
  if (ready === undefined) return true;
  return ready.status === undefined ? status >= 200 && status < 400 : status === ready.status;
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
