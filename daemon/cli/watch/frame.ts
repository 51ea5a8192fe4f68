import { cpuWords, memoryWords } from "../../../shared/model/resource-words.ts";
import type { Resources } from "../../../shared/model/resources.ts";
import type { Snapshot } from "../../../shared/model/snapshot.ts";
import { healthWord } from "../output/health-word.ts";
import { localTime, type Paint, printable } from "../output/style.ts";
import { aligned } from "../output/table.ts";
import { shorten, widthOf } from "../output/width.ts";
import { shortPath } from "../output/words.ts";
import { sessionRows } from "../status/rows.ts";
import type { Entry } from "./entries.ts";
import { sparkline } from "./sparkline.ts";

/** What is below the servers. */
export type Below =
  | { readonly kind: "nothing" }
  /** The last thing that was done, or why it could not be. */
  | { readonly kind: "said"; readonly text: string; readonly failed: boolean }
  /** A question that `y` agrees to, with what it is about. */
  | { readonly kind: "asks"; readonly text: string }
  /** The last lines of a server's output, oldest first. */
  | { readonly kind: "output"; readonly app: string; readonly lines: readonly string[] };

/** Everything the screen shows. */
export interface View {
  /** Undefined before a daemon was met. */
  readonly snapshot: Pick<Snapshot, "health" | "alerts" | "locks"> | undefined;
  readonly entries: readonly Entry[];
  readonly chosen: string | undefined;
  samples(key: string): readonly Resources[];
  readonly below: Below;
  /** In words; undefined while the daemon is reached. */
  readonly away: string | undefined;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines that are always there: the head, an empty one, an alert, the keys, and one of the servers. */
const mostAround = 5;
const help = "↑↓ choose · s start · x stop · r restart · l logs · q quit";

/**
 * The screen, a string a row: as many as it has at most, none wider than it is.
 * @param now milliseconds since the epoch
 */
export function frame(view: View, { columns, rows }: Size, paint: Paint, now: number): readonly string[] {
  const head = [headLine(view, paint, now), ""];
  const foot = [...alertLines(view, paint), paint("dim", help)];
  const room = Math.max(rows - head.length - foot.length, 1);
  const below = belowLines(view.below, room, columns, paint);
  const servers = serverLines(view, columns, paint, now);
  const listRoom = Math.max(room - below.length, 1);
  const list = around(servers.lines, servers.chosenAt, listRoom);
  const gap = Array.from({ length: Math.max(listRoom - list.length, 0) }, () => "");
  const isOutput = view.below.kind === "output";
  const body = isOutput ? [...list, ...below, ...gap] : [...list, ...gap, ...below];
  return [...head, ...body, ...foot].slice(0, rows).map((line) => shorten(line, columns));
}

/** Whether a question can be read to its end: nothing is agreed to unseen. */
export function isShownWhole(below: Below, { columns, rows }: Size): boolean {
  return below.kind === "asks" && wrapped(below.text, columns).length <= rows - mostAround;
}

/** A text over as many lines as it takes; characters of two columns count as that. */
function wrapped(text: string, columns: number): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const lines = [""];
    for (const character of printable(line)) {
      if (widthOf((lines.at(-1) ?? "") + character) > columns) lines.push("");
      lines.push((lines.pop() ?? "") + character);
    }
    return lines;
  });
}

function headLine({ snapshot, entries, away }: View, paint: Paint, now: number): string {
  const clock = localTime(now).slice(-8);
  const running = entries.filter(({ session }) => session && session.state.kind !== "stopped").length;
  const health = snapshot?.health ? [`health: ${healthWord(snapshot.health.status, paint)}`] : [];
  const held = snapshot?.locks.length ?? 0;
  const locks = held === 0 ? [] : [held === 1 ? "1 lock held" : `${held} locks held`];
  const parts = [paint("bold", "Devlatch"), running === 1 ? "1 server" : `${running} servers`];
  const link = away === undefined ? [] : [paint("yellow", printable(away))];
  return [...parts, ...health, ...locks, clock, ...link].join(" · ");
}

/** A heading a project, a line a server. */
function serverLines({ entries, chosen, samples }: View, columns: number, paint: Paint, now: number) {
  const graph = columns >= 140 ? 20 : columns >= 110 ? 10 : columns >= 90 ? 5 : 0;
  const cells = entries.map((entry) => serverRow(entry, samples(entry.key), graph, paint, now));
  const texts = aligned(cells, Math.max(columns - 2, 1));
  const lines: string[] = [];
  let chosenAt = 0;
  for (const [index, entry] of entries.entries()) {
    if (entry.root !== entries[index - 1]?.root) {
      if (index > 0) lines.push("");
      lines.push(paint("bold", printable(shortPath(entry.root))));
    }
    if (entry.key === chosen) chosenAt = lines.length;
    lines.push(`${entry.key === chosen ? paint("bold", "›") : " "} ${texts[index] ?? ""}`);
  }
  return { lines: lines.length > 0 ? lines : ["No servers."], chosenAt };
}

function serverRow(
  { app, session }: Entry,
  samples: readonly Resources[],
  graph: number,
  paint: Paint,
  now: number,
): readonly string[] {
  if (!session) return [printable(app), paint("dim", "not started")];
  const [row = []] = sessionRows(session, { paint, now, isLong: false });
  if (session.state.kind !== "ready") return row;
  const [name = "", words = "", url = "", age = "", who = ""] = row;
  const resources = session.resources;
  const cpu = samples.map(({ cpuPercent }) => cpuPercent);
  const memory = samples.map(({ memoryBytes }) => memoryBytes);
  const used = resources
    ? [
        `${sparkline(cpu, graph, Math.max(100, ...cpu))} ${cpuWords(resources.cpuPercent).padStart(5)}`,
        `${sparkline(memory, graph, Math.max(1, ...memory))} ${memoryWords(resources.memoryBytes).padStart(7)}`,
      ]
    : ["", ""];
  return [name, words, url, age, ...used, who];
}

function alertLines({ snapshot }: View, paint: Paint): string[] {
  const [worst, ...more] = snapshot?.alerts.alerts ?? [];
  if (!worst) return [];
  const rest = more.length === 0 ? "" : paint("dim", ` (and ${more.length} more: devlatch alerts)`);
  const colour = worst.severity === "critical" ? "red" : "yellow";
  return [`${paint(colour, printable(worst.title))} · ${printable(worst.message)}${rest}`];
}

/** At most so many lines that something is left for the servers. */
function belowLines(below: Below, room: number, columns: number, paint: Paint): readonly string[] {
  switch (below.kind) {
    case "nothing":
      return [];
    case "said":
      return [below.failed ? paint("red", printable(below.text)) : printable(below.text)];
    case "asks":
      return wrapped(below.text, columns)
        .slice(0, room)
        .map((line) => paint("yellow", line));
    case "output": {
      const height = Math.max(Math.floor(room * 0.6), 1);
      const lines = below.lines.slice(-(height - 1)).map(printable);
      const head = paint("bold", `Output of ${printable(below.app)} (l or Esc closes it)`);
      return [head, ...(lines.length > 0 ? lines : [paint("dim", "No output")])].slice(0, height);
    }
  }
}

/** So many of the lines that the one in question is among them. */
function around(lines: readonly string[], at: number, room: number): readonly string[] {
  const first = Math.min(Math.max(at - Math.floor(room / 2), 0), Math.max(lines.length - room, 0));
  return lines.slice(first, first + room);
}
