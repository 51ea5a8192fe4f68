import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Memory of a control group, in bytes, less what the kernel gives back when it is wanted: the page cache. */
export async function cgroupMemory(
  root = "/sys/fs/cgroup",
  self = "/proc/self/cgroup",
): Promise<number | undefined> {
  for (const { directory, usage, cache } of placesIn(await text(self), root)) {
    const used = Number(await text(join(directory, usage)));
    const found = new RegExp(`^${cache} (\\d+)$`, "m").exec(await text(join(directory, "memory.stat")));
    if (used > 0 && found) return Math.max(0, used - Number(found[1]));
  }
  return undefined;
}

interface Place {
  readonly directory: string;
  readonly usage: string;
  readonly cache: string;
}

/** Where the figures may be: version 2, version 1; a container sees its own group at the root. */
export function placesIn(selfText: string, root: string): readonly Place[] {
  const unified = /^0::(.*)$/m.exec(selfText)?.[1];
  const separate = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(selfText)?.[1];
  const two = { usage: "memory.current", cache: "inactive_file" };
  const one = { usage: "memory.usage_in_bytes", cache: "total_inactive_file" };
  return [
    ...(separate === undefined ? [] : [separate, "/"]).map((path) => ({
      directory: join(root, "memory", path),
      ...one,
    })),
    ...(unified === undefined ? [] : [unified, "/"]).map((path) => ({ directory: join(root, path), ...two })),
  ];
}

async function text(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}
