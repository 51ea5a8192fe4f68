import type { ProcessIdentity } from "../../shared/model/process.ts";
import { climb } from "./origin.ts";
import type { Processes } from "./processes.ts";

/** A process and all that it runs below, nearest first: to end one of them ends it, too. Empty where it can't be seen. */
export async function lineageOf(
  processes: Pick<Processes, "list">,
  pid: number,
): Promise<readonly ProcessIdentity[]> {
  const known = new Map((await processes.list()).map((one) => [one.pid, one]));
  return climb(pid, (one) => known.get(one)).flatMap((one) => known.get(one.pid) ?? []);
}
