import { basename, join } from "node:path";
import * as z from "zod";
import { readRegularFile } from "../../shared/base/regular-file.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import type { Listener } from "../../shared/model/process.ts";
import type { Processes } from "../processes/processes.ts";
import { listenersOn } from "./ports.ts";
import { probeHttp, reachableAt } from "./probe.ts";
import type { SessionTree } from "./trees.ts";

/** What Next.js writes to `.next/dev/lock` while a development server runs (seen with Next 16.4). */
const NextLock = z.object({ pid: z.int().positive(), port: z.int().min(1).max(65535) });

/** How long it may take to answer, in milliseconds; a first page may have to be compiled. */
const answerMs = 15_000;

/** A server of this very project that was started by hand. */
export interface Adoptable {
  readonly listener: Listener;
  readonly url: string;
}

/**
 * Looks for a server of this project that Devlatch didn't start: the framework's own lock names it, or it listens on
 * the wished port, runs in the app's directory and is of the app's framework. It must answer.
 * @param trees of all live sessions: what belongs to one of them, of another app in the same directory too, isn't by
 *   hand
 */
export async function findAdoptable(
  processes: Processes,
  plan: AppPlan,
  trees: readonly SessionTree[],
  signal: AbortSignal,
): Promise<Adoptable | undefined> {
  const claimed = plan.framework === "next" ? (await readNextLock(plan.cwd))?.port : undefined;
  for (const port of claimed === undefined ? [plan.port] : [claimed, plan.port]) {
    const listeners = await listenersOn(processes, port, trees);
    const own = listeners.find((one) => one.session === undefined && belongsTo(one, plan, port === claimed));
    const answer =
      own &&
      (await probeHttp(
        reachableAt(own.address),
        port,
        "/",
        AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
      ));
    if (own && answer) return { listener: own, url: `${answer.scheme}://localhost:${port}` };
  }
  return undefined;
}

async function readNextLock(cwd: string): Promise<z.infer<typeof NextLock> | undefined> {
  try {
    const file = await readRegularFile(join(cwd, ".next", "dev", "lock"));
    if (file.kind !== "bytes") return undefined;
    return NextLock.safeParse(JSON.parse(new TextDecoder().decode(file.bytes))).data;
  } catch {
    return undefined;
  }
}

function belongsTo(listener: Listener, plan: AppPlan, namedByLock: boolean): boolean {
  if (listener.cwd !== plan.cwd) return false;
  return namedByLock || runsFramework(listener.command, plan);
}

/** Whether a command line is of the app's framework, or the app's very command. */
export function runsFramework(command: string, plan: Pick<AppPlan, "framework" | "command">): boolean {
  if (command === plan.command.join(" ")) return true;
  const { framework } = plan;
  if (framework === undefined) return false;
  const programs = command
    .split(/\s+/)
    .slice(0, 3)
    .map((word) => basename(word).replace(/\.[cm]?js$/, ""));
  return programs.some((program) => program === framework || program === `${framework}-server`);
}
