import { basename } from "node:path";
import { type Pattern, readPattern } from "../../shared/base/pattern.ts";
import type { Aim } from "../../shared/protocol/targets.ts";

/** A process that could be hit, as far as it is known. */
export interface Candidate {
  readonly pid: number;
  /** Process group; 0 where the platform has none. */
  readonly pgid: number;
  /** Short name of the program. */
  readonly name: string;
  /** The command line, joined with spaces. */
  readonly command: string;
}

/**
 * Whether what ends processes would hit one.
 * @param listening pids of those that listen on a port of the aim
 */
export async function hitBy(
  aim: Aim,
  listening: ReadonlySet<number>,
): Promise<(candidate: Candidate) => boolean> {
  const named = await Promise.all(aim.names.map(byName));
  return (candidate) =>
    listening.has(candidate.pid) ||
    aim.pids.includes(candidate.pid) ||
    aim.groups.includes(candidate.pgid) ||
    named.some((matches) => matches(candidate));
}

async function byName({ pattern, match, ignoreCase }: Aim["names"][number]) {
  if (match === "whole") {
    const wanted = folded(pattern, ignoreCase);
    return (one: Candidate) => namesOf(one).some((name) => folded(name, ignoreCase) === wanted);
  }
  const compiled = await compile(pattern, ignoreCase);
  return (one: Candidate) =>
    (match === "line" ? [one.command] : namesOf(one)).some((text) => compiled.test(text));
}

/** What a system calls a process: its own short name, or that of the file it runs. */
function namesOf({ name, command }: Candidate): readonly string[] {
  const [program = ""] = command.split(" ");
  return [name, basename(program)];
}

/** What is no pattern here is taken as it is written. */
async function compile(pattern: string, ignoreCase: boolean): Promise<Pattern> {
  const reading = await readPattern(ignoreCase ? `(?i)${pattern}` : pattern);
  if (reading.kind === "pattern") return reading.pattern;
  const wanted = folded(pattern, ignoreCase);
  return { test: (text) => folded(text, ignoreCase).includes(wanted) };
}

function folded(text: string, ignoreCase: boolean): string {
  return ignoreCase ? text.toLowerCase() : text;
}
