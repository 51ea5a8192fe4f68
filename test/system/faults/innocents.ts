import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startProgram } from "../../support/child.ts";
import { userEnv } from "../../support/env.ts";
import type { Owner } from "../../support/owner.ts";
import { isAlive, type SeenProcess, seeProcess, signalProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";

/** Writes down every signal that can be caught, and goes on. */
const recorder = `
import { appendFileSync } from "node:fs";
for (const name of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGCONT", "SIGUSR2"])
  process.on(name, () => appendFileSync(process.env.HEARD, name + " "));
setInterval(() => {}, 1000);
console.log("here");
`;

/** A process of another that must be left alone. */
export interface Innocent {
  readonly pid: number;
  /** What happened to it, in words; empty where nothing did. */
  harm(): string;
}

/**
 * Starts a process that looks as much like one of ours as a stranger's can: the same user, directory and command line.
 * @param justBefore called in the moment before it is spawned
 */
export async function startInnocent(
  directory: string,
  owner: Owner,
  env: NodeJS.ProcessEnv = {},
  justBefore: () => void = () => {},
): Promise<Innocent> {
  const heard = join(directory, `heard-${Math.random()}`);
  const args = ["--input-type=module", "--eval", recorder];
  justBefore();
  const child = await startProgram(process.execPath, args, {
    ...{ cwd: directory, detached: true },
    env: userEnv({ ...env, HEARD: heard }),
  });
  const seen = await waitFor("an innocent process", () => seeProcess(child.pid));
  owner.after(() => signalProcess(seen, "SIGKILL"));
  await child.printed(/here/);
  return { pid: seen.pid, harm: () => harmDone(seen, heard) };
}

function harmDone(seen: SeenProcess, heard: string): string {
  if (!isAlive(seen)) return `${seen.pid} is dead`;
  if (/^State:\s+T/m.test(readFileSync(`/proc/${seen.pid}/status`, "utf8"))) return `${seen.pid} is stopped`;
  return existsSync(heard) ? `${seen.pid} heard ${readFileSync(heard, "utf8")}` : "";
}
