import { basename } from "node:path";
import type { Listener } from "../../shared/model/process.ts";
import { hasOwnPart } from "./own-part.ts";
import { type Mention, mentionOf, saysNoPort, saysPort, urlAt } from "./port-words.ts";
import type { Answer } from "./probe.ts";

/** What a start wishes for. */
export interface Wish {
  readonly app: string;
  readonly port: number;
  /** Whether no caller asked for this port: it is only where such a server usually listens. */
  readonly isGuess: boolean;
  /** Whether the server's framework is known, and with it where it usually listens. */
  readonly isKnown?: boolean;
  /** Whether the tree is one program with those that start it: no other part is to come. */
  readonly isAlone?: boolean;
  /** Whether a runner starts a part that is called like the app: what other parts announce isn't the app, then. */
  readonly hasPart?: boolean;
}

/** A listener of the tree, and what it answered so far. */
export interface Heard {
  readonly listener: Listener;
  readonly answer: Answer | undefined;
}

/** How long a tree that listens elsewhere than wished is given to open the wished port, in milliseconds. */
const guessedGraceMs = 1_500;
const askedGraceMs = 3_000;
/** The same where all that listens refuses and isn't named, or is announced as other parts: the app's own is still to come. In milliseconds. */
const otherPartsGraceMs = 15_000;

/** How long a program that is alone is given to open another port than that of the URL it printed, in milliseconds. */
const aloneGraceMs = 250;

/** How long a server that opened only what it serves beside itself (metrics, a health check) is given to open its own, in milliseconds. */
const asideGraceMs = 5_000;

/** How long a part of several is given to print the URL it listens at, in milliseconds. */
const announceGraceMs = 500;

/** Where Node's inspector listens unless told, and the ports it takes when that is taken; wrangler's is there, too. */
const inspectorPorts = { from: 9229, to: 9239 };

/**
 * Which of the tree's listeners are to be asked, best first: the wished port; else one whose URL the server printed;
 * else, once there was time to open the wished one, the lowest (an inspector or a hot-reload socket is usually high).
 */
export function candidates(
  own: readonly Listener[],
  wished: number,
  output: () => readonly string[],
  waited: boolean,
): readonly Listener[] {
  const onWished = own.filter(({ port }) => port === wished);
  const others = own.filter((one) => !isInspector(one));
  if (onWished.length > 0 || others.length === 0) return onWished;
  const lines = output();
  const printed = others.filter(({ port }) => lines.some((line) => urlAt(line, port) !== -1));
  if (printed.length > 0 && !waited) return printed;
  if (!waited) return [];
  const rank = (one: Listener) => (printed.includes(one) ? 0 : 1);
  return [...others].sort((a, b) => rank(a) - rank(b) || a.port - b.port);
}

/** Whether the wished port may be another's: the tree listens there and elsewhere, too. */
export function asksAll(
  own: readonly Listener[],
  wish: Wish,
  output: () => readonly string[],
  waitedMs: number,
): boolean {
  const { isGuess, port } = wish;
  const isBeside = own.some((one) => one.port === port) && own.some((one) => one.port !== port);
  if (!isBeside || waitedMs === 0 || isAnnounced(wish, output)) return false;
  return isGuess || mayBeOthers({ port }, wish, output, waitedMs);
}

/**
 * Whether a framework printed the URL of the port where it usually listens: what listens beside it are sockets of its
 * workers, which come and go while the first page is compiled.
 */
function isAnnounced({ app, port, isKnown }: Wish, output: () => readonly string[]): boolean {
  return isKnown === true && ["own", "unnamed"].includes(mentionOf(output(), port, app));
}

/** Whether the wished port is open, and no output says that it is the app's. */
export function isAnyones(
  own: readonly Listener[],
  { app, port: wished }: Wish,
  output: () => readonly string[],
): boolean {
  const isOpen = own.some(({ port }) => port === wished);
  return isOpen && ["none", "other"].includes(mentionOf(output(), wished, app));
}

/** Whether a program of which nothing is known listens elsewhere than guessed, and nothing else came in the meantime. */
export function isUnusual(
  own: readonly Listener[],
  { isGuess, isKnown, port: wished }: Wish,
  waitedMs: number,
): boolean {
  const isLone = own.length === 1 && own[0]?.port !== wished;
  return isGuess && isKnown !== true && isLone && waitedMs > aloneGraceMs;
}

/** Whether each of these processes started one other at most: a package manager, its shell, the server. */
export function isChain(members: readonly { readonly pid: number; readonly ppid: number }[]): boolean {
  const parents = new Set(members.map(({ ppid }) => ppid));
  return parents.size === members.length;
}

/** Whether the time is over that the wished port gets before any other. @param waitedMs since the tree listens anywhere */
export function hasWaited({ isGuess }: Wish, waitedMs: number): boolean {
  return waitedMs > (isGuess ? guessedGraceMs : askedGraceMs);
}

/**
 * Which of them is the app: the wished port once it answers; before there was time to open it, one that is surely
 * the app's: its URL was printed under the app's name, or, where the port was only guessed, it serves a page, or there is
 * no other program that could be. After that
 * the best of those that answer. What only takes WebSockets (an inspector, a hot-reload socket) never is.
 * @param waitedMs since the tree listens anywhere
 */
export function choose(
  heard: readonly Heard[],
  wish: Wish,
  output: () => readonly string[],
  waitedMs: number,
): Heard | undefined {
  const answering = heard.filter(({ answer }) => answer !== undefined && !isSocketOnly(answer));
  const wished = answering.find(({ listener }) => listener.port === wish.port);
  const others = answering.filter((one) => one !== wished && !isInspector(one.listener));
  const waited = hasWaited(wish, waitedMs);
  const named = () => others.find(({ listener }) => mentionOf(output(), listener.port, wish.app) === "own");
  if (wished && mayBeOthers(wished.listener, wish, output, waitedMs)) return named();
  if (wished && (!wish.isGuess || isPage(wished.answer) || heard.length === 1)) return wished;
  if (wished) return waited ? best([wished, ...others], wish, output()) : undefined;
  if (others.length === 0) return undefined;
  const lines = output();
  const announced = wish.isGuess ? named() : undefined;
  if (announced) return announced;
  const own = others.filter(({ listener, answer }) => {
    const mention = mentionOf(lines, listener.port, wish.app);
    // What no output names may be a part's socket, and the app's own still to come: known frameworks name their URL.
    const isOnly = wish.isAlone === true && heard.length === 1 && saysNoPort(lines);
    const serves = !wish.isKnown && (isOnly || (answer?.status ?? 0) < 400);
    if (mention === "aside") return waitedMs > asideGraceMs;
    return mention !== "other" && (mention !== "none" || serves || saysPort(lines, listener.port));
  });
  const isPatient = waitedMs <= otherPartsGraceMs;
  // The usual port of such a server is open: its first answer may take longer than that of a part behind it.
  if (waited && isPatient && heard.some(({ listener }) => listener.port === wish.port)) return undefined;
  if (waited) return best(isPatient ? own : others, wish, lines);
  const isSure = ({ answer }: Heard) =>
    isPage(answer) || (wish.isAlone === true && (answer?.status ?? 500) < 500);
  return wish.isGuess
    ? others.find((one) => isSure(one) && mentionOf(lines, one.listener.port, wish.app) === "unnamed")
    : undefined;
}

/**
 * Whether a port may be that of another part of the command than the one that is called like the app: that part announced it,
 * or had no time yet to do so.
 */
export function mayBeOthers(
  { port }: Pick<Listener, "port">,
  { app, hasPart }: Wish,
  output: () => readonly string[],
  waitedMs: number,
): boolean {
  if (waitedMs > otherPartsGraceMs) return false;
  const lines = output();
  const mention = mentionOf(lines, port, app);
  const isOpen = mention === "other" || (mention === "none" && waitedMs <= announceGraceMs);
  return isOpen && (hasPart === true || hasOwnPart(lines, app));
}

function best(heard: readonly Heard[], wish: Wish, lines: readonly string[]): Heard | undefined {
  const scored = heard.map((one) => ({ one, score: scoreOf(one, wish, lines) }));
  scored.sort((a, b) => b.score - a.score || a.one.listener.port - b.one.listener.port);
  return scored[0]?.one;
}

const mentionScores: Readonly<Record<Mention, number>> = {
  own: 100,
  unnamed: 10,
  none: 0,
  aside: -50,
  other: -100,
};

function scoreOf(
  { listener, answer }: Heard,
  { app, port, isKnown }: Wish,
  lines: readonly string[],
): number {
  const isInOwnPackage = listener.cwd !== undefined && basename(listener.cwd) === app;
  return (
    mentionScores[mentionOf(lines, listener.port, app)] +
    (isInOwnPackage ? 50 : 0) +
    (isPage(answer) ? 20 : 0) +
    // Where a known framework usually listens says more than a page, less than a page whose URL was printed.
    (listener.port === port ? (isKnown ? 25 : 5) : 0)
  );
}

function isPage(answer: Answer | undefined): boolean {
  const { status = 0, type = "" } = answer ?? {};
  return (status >= 300 && status < 400) || (status < 400 && /^text\/html\b/i.test(type));
}

/** Whether it is a debugger's socket, which answers over HTTP, too: by its port, or what its program is told. */
export function isInspector({ command, port }: Listener): boolean {
  if (port >= inspectorPorts.from && port <= inspectorPorts.to) return true;
  const [, told] = /\s--inspect(?:-brk|-port|-wait)?=(?:\S*:)?(\d+)(?:\s|$)/.exec(command) ?? [];
  return Number(told) === port;
}

/** `426 Upgrade Required`, or how Node's inspector and others turn down what is no WebSocket. */
function isSocketOnly({ status, isBare }: Answer): boolean {
  return status === 426 || (status === 400 && isBare === true);
}
