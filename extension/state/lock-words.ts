import { type LockKind, parseLockKey } from "../../shared/model/keys.ts";

const lockNames: Readonly<Record<LockKind, string>> = {
  dev_server_start: "start of",
  run: "run",
  sandbox_pool: "sandboxes",
  sandbox_ports: "ports of sandboxes",
};

/** What a lock is for, in words; of a kind that isn't ours its key without the sandbox. */
export function lockWords(key: string): string {
  const lock = parseLockKey(key);
  return lock === undefined
    ? key.replaceAll(/:?\{[^}]*\}:?/g, " ").trim() || key
    : `${lockNames[lock.kind]} ${lock.name}`.trim();
}
