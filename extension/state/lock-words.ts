import { t } from "@vscode/l10n";
import { type LockKind, parseLockKey } from "../../shared/model/keys.ts";

/** What a lock is for, in words; of a kind that isn't ours its key without the sandbox. */
export function lockWords(key: string): string {
  const lock = parseLockKey(key);
  return lock === undefined ? key.replaceAll(/:?\{[^}]*\}:?/g, " ").trim() || key : namedLock(lock).trim();
}

function namedLock({ kind, name }: NonNullable<ReturnType<typeof parseLockKey>>): string {
  const words: Readonly<Record<LockKind, string>> = {
    dev_server_start: t("start of {0}", name),
    run: t("run {0}", name),
    sandbox_pool: t("sandboxes {0}", name),
    sandbox_ports: t("ports of sandboxes {0}", name),
  };
  return words[kind];
}
