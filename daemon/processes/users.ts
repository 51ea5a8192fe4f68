import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

let names: ReadonlyMap<number, string> | undefined;

/** Name of a local user, or the number where it has none (users of a directory service, containers). */
export function userName(uid: number): string {
  names ??= readNames();
  return names.get(uid) ?? String(uid);
}

function readNames(): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  try {
    for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
      const [name, , uid] = line.split(":");
      if (name && uid && !found.has(Number(uid))) found.set(Number(uid), name);
    }
  } catch {
    // No such file: the caller's own name is all there is to know.
  }
  try {
    const self = userInfo();
    found.set(self.uid, self.username);
  } catch {
    // A uid without an entry (usual in containers): its number will do.
  }
  return found;
}
