import { digest } from "../../shared/base/token.ts";
import type { LockAlert } from "../../shared/model/concurrency.ts";
import { type HealthComponentName, type HealthReport, lastingStatus } from "../../shared/model/health.ts";
import { parseLockKey } from "../../shared/model/keys.ts";
import type { Problem } from "./book.ts";

/** Health that is bad for a moment (Redis is restarted) is worth no word, in milliseconds. */
const healthSettleMs = 5_000;
/** Builds keep a machine busy for minutes; that is what it is for. Milliseconds. */
const busySettleMs = 10 * 60_000;

const lockTitles: Readonly<Record<LockAlert["kind"], string>> = {
  deadlock: "Deadlock",
  potential_deadlock: "A lock is held unusually long",
  high_contention: "High contention for a lock",
};

/**
 * What the monitor says is wrong with locks. It has looked twice before it says so. How busy Devlatch's own locks are is
 * no user's business: `devlatch locks` tells it.
 */
export function lockProblems(alerts: readonly LockAlert[]): readonly Problem[] {
  return alerts.filter(concernsUsers).map(({ id, kind, severity, keys, message, remedy }) => {
    const [key] = keys;
    const breaking =
      kind === "potential_deadlock" && key !== undefined ? [{ kind: "break-lock", key } as const] : [];
    return {
      id: `lock-${digest(id, 6)}`,
      kind: "lock",
      severity,
      title: lockTitles[kind],
      message,
      remedy,
      actions: [...breaking, { kind: "show-locks" }],
      settleMs: 0,
      ...placed(keys),
      lockAlert: id,
    };
  });
}

/** Where the things are that these locks stand for, as far as their keys say. */
function placed(keys: readonly string[]): Pick<Problem, "sandboxIds"> {
  const ids = keys.flatMap((key) => {
    const lock = parseLockKey(key);
    return lock?.scope === "sandbox" ? [lock.id] : [];
  });
  return ids.length === 0 ? {} : { sandboxIds: [...new Set(ids)] };
}

function concernsUsers({ kind, keys }: LockAlert): boolean {
  return kind === "deadlock" || keys.some((key) => (parseLockKey(key)?.kind ?? "run") === "run");
}

/** @param blocked why the journal can't be written; undefined while it can */
export function journalProblems(blocked: string | undefined): readonly Problem[] {
  if (blocked === undefined) return [];
  return [
    {
      id: "health-journal",
      kind: "health",
      severity: "warning",
      title: "The journal can't be written",
      message: `What happens is kept in memory meanwhile: ${blocked}`,
      remedy: "Check that the disk isn't full and that you may write to Devlatch's home: devlatch doctor",
      actions: [{ kind: "show-health" }],
      settleMs: healthSettleMs,
    },
  ];
}

const healthTitles: Readonly<Partial<Record<HealthComponentName, string>>> = {
  store: "The store of locks and sessions can't be used",
  database: "The local database can't be used",
  resources: "This machine runs out of resources",
  servers: "A server doesn't answer as it should",
};

const healthRemedies: Readonly<Partial<Record<HealthComponentName, string>>> = {
  store: "Nothing new is started until it answers; servers that run go on. Check the store.",
  database: "Check the disk that Devlatch's home is on.",
  resources: "See what uses them, and stop what isn't needed.",
  servers: "Look at its output, or restart it.",
};

/**
 * What the health check says. Locks and servers that ended have alerts of their own, and a busy machine is no news
 * until it is critical.
 * @param hasFailed whether a server has ended badly: the check of servers says that too
 */
export function healthProblems({ components }: HealthReport, hasFailed: boolean): readonly Problem[] {
  const said = new Set<string>();
  return (Object.keys(healthTitles) as HealthComponentName[]).flatMap((name): Problem[] => {
    const { summary } = components[name];
    const status = lastingStatus(components[name]);
    if (status !== "warning" && status !== "critical") return [];
    if (status === "warning" && (name === "resources" || (name === "servers" && hasFailed))) return [];
    // An embedded store is the local database.
    if (said.has(summary)) return [];
    said.add(summary);
    return [
      {
        id: `health-${name}`,
        kind: "health",
        severity: status,
        title: healthTitles[name] ?? name,
        message: summary,
        remedy: healthRemedies[name] ?? "",
        actions: [{ kind: "show-health" }, ...(name === "store" ? [{ kind: "open-settings" } as const] : [])],
        settleMs: name === "resources" ? busySettleMs : healthSettleMs,
      },
    ];
  });
}
