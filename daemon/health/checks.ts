import { statfs } from "node:fs/promises";
import { cpus, freemem, totalmem } from "node:os";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { formatMs } from "../../shared/base/deadline.ts";
import type { Concurrency } from "../../shared/model/concurrency.ts";
import { type HealthStatus, worstStatus } from "../../shared/model/health.ts";
import { type Check, type CheckedServer, verdict } from "./contract.ts";

/** Time over which the CPU's share is judged, in milliseconds. */
const cpuWindowMs = 60_000;
/** Thresholds of the system this grows from: shares of the whole. */
const limits = { cpu: [0.7, 0.9], memory: [0.7, 0.9], disk: [0.8, 0.9] } as const;

/** A round trip of write and read. @param probe gives its time in milliseconds */
export function storeCheck(kind: string, probe: (signal: AbortSignal) => Promise<number>): Check {
  return async (signal) => verdict("healthy", `${kind} answers in ${formatMs(await probe(signal))}`);
}

/** What is wrong with locks, as the monitor sees it. @param look looks now */
export function concurrencyCheck(look: () => Promise<Concurrency>): Check {
  return async () => {
    const { alerts, keys, storeAnswered } = await look();
    if (!storeAnswered) return verdict("unknown", "the store doesn't answer, so nobody knows who holds what");
    const held = keys.filter(({ holder }) => holder !== null).length;
    const waiters = keys.reduce((sum, key) => sum + key.waiters, 0);
    if (alerts.length === 0) return verdict("healthy", `${held} locks held, ${waiters} waiting`);
    return verdict(
      worstStatus(alerts.map(({ severity }) => severity)),
      alerts.map(({ message, remedy }) => `${message} ${remedy}`).join(" "),
    );
  };
}

/** How often a timer is looked at, in milliseconds: each look wakes a daemon that has nothing else to do. */
const loopLookMs = 500;

/** How late timers fire in this process. */
export interface LoopMonitor {
  /** On average, in milliseconds. */
  readonly delayMs: number;
  disable(): void;
}

/** CPU, memory, disk of the machine, and how late the daemon's own event loop runs. */
export function resourcesCheck(directory: string, loop: LoopMonitor): Check {
  let since = cpuTimes();
  return async () => {
    const disk = await statfs(directory);
    const now = cpuTimes();
    const cpu = now.all > since.all ? (now.busy - since.busy) / (now.all - since.all) : 0;
    // A burst, such as the start of a server, is no trouble: only a share over a longer time is judged.
    const isLong = now.at - since.at >= cpuWindowMs;
    if (isLong) since = now;
    const shares = {
      cpu,
      memory: 1 - freemem() / totalmem(),
      disk: 1 - disk.bavail / Math.max(1, disk.blocks),
    };
    const names = Object.keys(shares) as (keyof typeof shares)[];
    const statuses = names
      .filter((name) => name !== "cpu" || isLong)
      .map((name) => grade(shares[name], limits[name]));
    const words = Object.entries(shares).map(([name, share]) => `${name} ${Math.round(share * 100)} %`);
    return verdict(worstStatus(statuses), `${words.join(", ")}, event loop +${formatMs(loop.delayMs)}`);
  };
}

function cpuTimes(): { busy: number; all: number; at: number } {
  const times = cpus().map((core) => core.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { busy: all - times.reduce((sum, { idle }) => sum + idle, 0), all, at: performance.now() };
}

function grade(share: number, [warning, critical]: readonly [number, number]): HealthStatus {
  if (share >= critical) return "critical";
  return share >= warning ? "warning" : "healthy";
}

/** Measures how late timers fire in this process. Whoever starts it disables it. */
export function startLoopMonitor(): LoopMonitor {
  const loop = monitorEventLoopDelay({ resolution: loopLookMs });
  loop.enable();
  return {
    get delayMs() {
      // What it counts are the times from look to look; not a number until the first.
      return Math.max(0, loop.mean / 1e6 - loopLookMs) || 0;
    },
    disable: () => loop.disable(),
  };
}

/**
 * Every server that says it is ready must answer; a failed one is a warning until it is started or stopped.
 * @param answers whether the server at this URL answers, and with which status
 */
export function serversCheck(
  servers: () => readonly CheckedServer[],
  answers: (url: string, signal: AbortSignal) => Promise<number | undefined>,
): Check {
  return async (signal) => {
    const all = servers();
    const found = await Promise.all(all.map((server) => checkServer(server, answers, signal)));
    const troubles = found.filter(({ status }) => status !== "healthy");
    const ready = all.filter(({ state }) => state === "ready").length;
    if (troubles.length === 0)
      return verdict("healthy", ready === 1 ? "1 server answers" : `${ready} servers answer`);
    return verdict(
      worstStatus(troubles.map(({ status }) => status)),
      troubles.map(({ summary }) => summary).join("; "),
    );
  };
}

async function checkServer(
  server: CheckedServer,
  answers: (url: string, signal: AbortSignal) => Promise<number | undefined>,
  signal: AbortSignal,
): Promise<{ status: HealthStatus; summary: string }> {
  if (server.state === "failed") return verdict("warning", `${server.session} has failed`);
  if (server.state !== "ready" || server.url === undefined) return verdict("healthy", "");
  const status = await answers(server.url, signal);
  if (status === undefined) return verdict("critical", `${server.session} doesn't answer at ${server.url}`);
  if (status >= 500) return verdict("warning", `${server.session} answers with ${status}`);
  return verdict("healthy", "");
}
