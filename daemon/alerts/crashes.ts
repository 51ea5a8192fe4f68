import { digest } from "../../shared/base/token.ts";
import type { AlertAction } from "../../shared/model/alert.ts";
import { sessionKey } from "../../shared/model/keys.ts";
import type { SessionRecord, SessionState } from "../../shared/model/session.ts";
import { usefulLine } from "../../shared/model/state-words.ts";
import type { Problem } from "./book.ts";

/** Only a server that ran can end so. */
const endings = ["CRASH_LOOP", "LIMIT_EXCEEDED"];

/**
 * Servers that ended by themselves and stay down. A start that fails is told to its caller; a restart that is
 * to come is nothing to be told of.
 */
export class Crashes {
  readonly #knew: (id: string) => boolean;
  readonly #machineId: string;
  readonly #before = new Map<string, SessionState["kind"]>();
  readonly #problems = new Map<string, Problem>();

  /** @param knew whether the alert with this id was there before this daemon began */
  constructor(machineId: string, knew: (id: string) => boolean) {
    this.#machineId = machineId;
    this.#knew = knew;
  }

  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  /** @param key of the session in the store @param record undefined if it was removed */
  observe(key: string, record: SessionRecord | undefined): void {
    const before = this.#before.get(key);
    if (record) this.#before.set(key, record.state.kind);
    else this.#before.delete(key);
    if (record && this.#isCrash(record, before)) this.#problems.set(key, problemOf(record));
    else this.#problems.delete(key);
  }

  #isCrash(record: SessionRecord, before: SessionState["kind"] | undefined): boolean {
    const { state, restarts, hosting } = record;
    if (state.kind !== "failed") return false;
    if (hosting && hosting.machineId !== this.#machineId) return false;
    if (before === "failed") return this.#problems.get(sessionKey(record))?.id === idOf(record);
    const ran = before === "ready" || before === "restarting" || restarts > 0;
    return ran || endings.includes(state.error.code) || this.#knew(idOf(record));
  }
}

function problemOf(record: SessionRecord): Problem {
  const { app, root, state, settings } = record;
  const error = state.kind === "failed" ? state.error : { code: "", message: "", remedy: "", logTail: [] };
  const server = { app, cwd: root };
  const actions: AlertAction[] = [
    ...(error.code === "PORT_CONFLICT" ? [{ kind: "free-port", port: settings.port } as const] : []),
    { kind: "show-output", ...server },
    { kind: "restart", ...server },
  ];
  const title = `${app} in ${lastPart(root)} is down`;
  const { remedy } = error;
  const useful = usefulLine(error, settings.cwd);
  const message = error.message.startsWith(useful) ? error.message : `${useful} · ${error.message}`;
  return {
    id: idOf(record),
    kind: "server",
    severity: "critical",
    title,
    message,
    remedy,
    actions,
    settleMs: 0,
    sandboxIds: [record.sandboxId],
    session: sessionKey(record),
  };
}

/** Each launch that ends so is a problem of its own: the user who started it again wants to know. */
function idOf(record: SessionRecord): string {
  return `server-${digest(`${sessionKey(record)} ${record.startedAt}`, 6)}`;
}

function lastPart(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
