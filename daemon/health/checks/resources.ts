import { formatMs } from "../../../shared/base/deadline.ts";
import type { Threshold, Thresholds } from "../../../shared/model/health-thresholds.ts";
import { memoryWords } from "../../../shared/model/resource-words.ts";
import type { Resources } from "../../../shared/model/resources.ts";
import { spokenSession } from "../../../shared/model/session-names.ts";
import type { Check, Reading } from "../check.ts";
import { loopMarginMs, marginPercent } from "../machine/bounds.ts";
import type { MachineState } from "../machine/machine.ts";
import type { Sensors } from "../machine/sensors.ts";
import type { Lasting } from "../machine/sustained.ts";

const deadlineMs = 3_000;
const diskMarginPercent = 2;
/** Memory and what a server uses are looked at so often before they count. */
const looks = 3;

/** A session's processes, and what they may use. */
export interface UsedTree {
  /** Its session's key. */
  readonly key: string;
  readonly session: string;
  readonly used: Resources;
  readonly most: { readonly processes: number; readonly memoryBytes: number };
}

export interface ResourceSources {
  readonly sensors: Pick<Sensors, "memory" | "disk" | "descriptors">;
  readonly machine: { read(): Promise<MachineState> };
  readonly trees: () => readonly UsedTree[];
  readonly thresholds: () => Thresholds;
  /** Reads what was set. @returns what is wrong with it, in words */
  readonly refreshSettings: () => Promise<string | undefined>;
}

/** CPU, memory and disk of the machine, the daemon's own event loop and descriptors, and each server's processes. */
export function resourcesCheck(sources: ResourceSources): Check {
  return { deadlineMs, look: () => look(sources) };
}

async function look({ sensors, machine, trees, thresholds, refreshSettings }: ResourceSources) {
  const problem = await refreshSettings();
  const [state, memory, disk, descriptors] = await Promise.all([
    machine.read(),
    sensors.memory(),
    sensors.disk(),
    sensors.descriptors(),
  ]);
  const limits = thresholds();
  const shares = { memory: memory && takenOf(memory), disk: takenOf(disk), ...state.latest };
  const readings = [
    ...cpuReadings(state, limits),
    ...loopReadings(state, limits),
    ...(memory ? [memoryReading(memory, limits)] : []),
    diskReading(disk, limits),
    ...(descriptors ? [descriptorReading(descriptors, limits)] : []),
    ...trees().flatMap((tree) => treeReadings(tree, limits)),
    ...problemReading(problem),
  ];
  return { readings, fine: fineWords(shares), values: valuesOf(shares, descriptors?.open, trees()) };
}

/** Which trees are beyond a threshold: while it stays the same, nothing is new. */
export function crossedLimits(trees: readonly UsedTree[], { limits }: Thresholds): string {
  const share = ({ used, most }: UsedTree) =>
    100 * Math.max(used.memoryBytes / most.memoryBytes, used.processes / most.processes);
  const crossed = trees.map((tree) => [
    tree.key,
    share(tree) >= limits.warning,
    share(tree) >= limits.critical,
  ]);
  return JSON.stringify(crossed.filter(([, isWarning]) => isWarning));
}

interface Shares {
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  readonly disk: number;
  readonly loopDelayMs: number | undefined;
}

function takenOf({ available, total }: { available: number; total: number }): number {
  return total > 0 ? 1 - available / total : 0;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function fineWords({ cpu, memory, disk }: Shares): string {
  return [
    ...(cpu === undefined ? [] : [`CPU ${percent(cpu)}`]),
    ...(memory === undefined ? [] : [`memory ${percent(memory)}`]),
    `disk ${percent(disk)}`,
  ].join(", ");
}

function valuesOf(shares: Shares, descriptors: number | undefined, trees: readonly UsedTree[]) {
  const sum = (what: "cpuPercent" | "memoryBytes") => trees.reduce((all, { used }) => all + used[what], 0);
  const values = {
    ...shares,
    descriptors,
    serversCpu: sum("cpuPercent") / 100,
    serversMemoryBytes: sum("memoryBytes"),
  };
  const known = Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined);
  return Object.fromEntries(known);
}

/** Builds keep a CPU busy for minutes; that is what it is for. Shown at once, it counts only once it lasts. */
function cpuReadings({ cpu, now, nowMs }: MachineState, { cpu: limits, sustainedMs }: Thresholds): Reading[] {
  const lasting = (share: number) =>
    `The CPU has been busy at ${percent(share)} or more for ${formatMs(sustainedMs)}`;
  const passing = (share: number) =>
    `The CPU is busy at ${percent(share)}, on average of ${formatMs(nowMs)} (${untilThen(sustainedMs)})`;
  return [
    ...(cpu
      ? [shareReading("cpu", lasting(cpu.sustained), limits, cpu.sustained, { recent: cpu.recent })]
      : []),
    ...(now.cpu === undefined
      ? []
      : [{ ...shareReading("cpu:now", passing(now.cpu), warningOnly(limits), now.cpu), precedes: "cpu" }]),
  ];
}

function loopReadings({ loopDelayMs, now }: MachineState, thresholds: Thresholds): Reading[] {
  const limits = thresholds.loopDelayMs;
  const words = (ms: number) => `The daemon itself is slow: its timers fire ${formatMs(ms)} late`;
  const reading = (id: string, { sustained: value, recent }: Lasting, threshold: Threshold) =>
    ({
      kind: "measure",
      id,
      words: words(value),
      value,
      recent,
      threshold,
      unit: "ms",
      margin: loopMarginMs(thresholds),
    }) as const;
  const passing = (ms: number) => ({
    ...reading("loop:now", { sustained: ms, recent: ms }, warningOnly(limits)),
    ...{ words: `${words(ms)} (${untilThen(thresholds.sustainedMs)})`, precedes: "loop" },
  });
  return [
    ...(loopDelayMs ? [reading("loop", loopDelayMs, limits)] : []),
    ...(now.loopDelayMs === undefined ? [] : [passing(now.loopDelayMs)]),
  ];
}

function untilThen(sustainedMs: number): string {
  return `it counts once it lasts ${formatMs(sustainedMs)}`;
}

/** What may pass is never critical. */
function warningOnly({ warning }: Threshold): Threshold {
  return { warning, critical: Number.POSITIVE_INFINITY };
}

function memoryReading(memory: { available: number; total: number }, thresholds: Thresholds): Reading {
  const { available, total } = memory;
  const words = `Of ${memoryWords(total)} of memory ${memoryWords(available)} are available (${percent(takenOf(memory))} taken)`;
  const steadiness = { looks, ms: thresholds.confirmMs };
  return { ...shareReading("memory", words, thresholds.memory, takenOf(memory)), steadiness };
}

function diskReading(disk: { available: number; total: number }, { disk: threshold }: Thresholds): Reading {
  const taken = takenOf(disk);
  const words =
    disk.available === 0
      ? "The disk of Devlatch's home is full"
      : `The disk of Devlatch's home is ${percent(taken)} full, ${memoryWords(disk.available)} are left`;
  return shareReading("disk", words, threshold, taken, { margin: diskMarginPercent });
}

function descriptorReading({ open, most }: { open: number; most: number }, thresholds: Thresholds): Reading {
  const words = `The daemon has ${open} files open, and may have ${most}`;
  return shareReading("descriptors", words, thresholds.descriptors, open / most);
}

function treeReadings({ key, session, used, most }: UsedTree, { limits, confirmMs }: Thresholds): Reading[] {
  const steadiness = { looks: 2, ms: Math.min(confirmMs, 5_000) };
  const memory = used.memoryBytes / most.memoryBytes;
  const processes = used.processes / most.processes;
  const memoryText = `${spokenSession(session)} uses ${memoryWords(used.memoryBytes)} of memory, ${percent(memory)} of the ${memoryWords(most.memoryBytes)} at which it is stopped`;
  const processText = `${spokenSession(session)} has ${used.processes} processes, and is stopped at ${most.processes}`;
  return [
    { ...shareReading(`memory:${key}`, memoryText, limits, memory), steadiness },
    { ...shareReading(`processes:${key}`, processText, limits, processes), steadiness },
  ];
}

function problemReading(words: string | undefined): Reading[] {
  return words === undefined ? [] : [{ kind: "fact", id: "settings", status: "warning", words }];
}

/** @param share of 1; thresholds are in percent */
function shareReading(
  id: string,
  words: string,
  threshold: Threshold,
  share: number,
  { recent = share, margin = marginPercent } = {},
): Extract<Reading, { kind: "measure" }> {
  const shares = { value: share * 100, recent: recent * 100 };
  return { kind: "measure", id, words, ...shares, unit: "%", threshold, margin };
}
