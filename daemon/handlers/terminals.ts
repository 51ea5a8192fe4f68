import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import {
  describeExit,
  isLive,
  type SessionRecord,
  sessionKey,
  sessionName,
} from "../../shared/model/session.ts";
import { connectHost, type HostConnection } from "../hosts/client.ts";
import type { CallContext, Handlers } from "./contract.ts";
import { noteUse } from "./holding.ts";
import type { Parts } from "./parts.ts";
import { locateSandbox } from "./targets.ts";

/** How long a host may take to answer, in milliseconds. */
const answerTimeoutMs = 5_000;
/** What may wait for a slow viewer, in bytes as sent: the daemon never buffers without bound. */
const maxBacklogBytes = 4 * 1024 * 1024;

type TerminalMethods = "terminal/attach" | "terminal/input" | "terminal/resize" | "terminal/detach";

/** One viewer's connection to a host's pseudo-terminal. */
interface Terminal extends Disposable {
  readonly connection: HostConnection;
}

export function terminalHandlers(parts: Parts): Pick<Handlers, TerminalMethods> {
  const terminals = new Map<string, Terminal>();
  return {
    "terminal/attach": async ({ cwd, app, columns, rows }, call) => {
      const record = await runningRecord(parts, cwd, app);
      await noteUse(parts, record, call);
      const connection = await connectHost(parts.sessions.directoryOf(record), {
        signal: AbortSignal.any([call.signal, AbortSignal.timeout(answerTimeoutMs)]),
      });
      const terminal = randomToken();
      const scope = call.scope.add(new Scope());
      scope.add(connection);
      scope.defer(() => terminals.delete(terminal));
      terminals.set(terminal, { connection, dispose: () => scope.dispose() });
      forward({ terminal, app, connection, scope }, call);
      try {
        await connection.resize(columns, rows);
        const { scrollback } = await connection.attach();
        return { terminal, scrollback: scrollback.toString("base64") };
      } catch (error) {
        scope.dispose();
        throw error;
      }
    },

    "terminal/input": async ({ terminal, data }) => {
      await find(terminals, terminal).connection.input(data);
      return {};
    },

    "terminal/resize": async ({ terminal, columns, rows }) => {
      await find(terminals, terminal).connection.resize(columns, rows);
      return {};
    },

    "terminal/detach": async ({ terminal }) => {
      terminals.get(terminal)?.dispose();
      return {};
    },
  };
}

/** What one viewer is told; it ends with the scope. */
interface Forwarding {
  readonly terminal: string;
  readonly app: string;
  readonly connection: HostConnection;
  readonly scope: Scope;
}

function forward({ terminal, app, connection, scope }: Forwarding, call: CallContext): void {
  const close = (cause: "ended" | "dropped", reason: string) => {
    if (scope.disposed) return;
    call.notify("terminal/closed", { terminal, reason, cause });
    scope.dispose();
  };
  connection.onOutput((bytes) => {
    if (scope.disposed) return;
    call.notify("terminal/data", { terminal, data: bytes.toString("base64") });
    if (call.backlog() > maxBacklogBytes)
      close("dropped", "The output came faster than it was read. Attach again.");
  });
  connection.onDropped((reason) => close("dropped", reason));
  connection.onExited((exit) => close("ended", `${app} ${describeExit(exit)}.`));
  connection.onClosed(() => close("ended", `${app} ended.`));
}

async function runningRecord(parts: Parts, cwd: string, app: string): Promise<SessionRecord> {
  const { sandboxId } = await locateSandbox(parts, cwd);
  const record = parts.sessions.registry.peek(sessionKey(sandboxId, app));
  if (record?.hosting?.kind === "hosted" && isLive(record.state)) return record;
  const session = sessionName(app);
  if (record?.hosting?.kind === "adopted" && isLive(record.state)) {
    throw new DevlatchError(
      "NOT_RUNNING",
      `${session} was started by hand; its terminal is where it was started.`,
      `Look there, or have Devlatch start it instead: devlatch restart ${app} --yes`,
    );
  }
  throw new DevlatchError(
    "NOT_RUNNING",
    `${session} isn't running, so it has no terminal.`,
    `Start it with: devlatch start ${app}`,
  );
}

function find(terminals: ReadonlyMap<string, Terminal>, terminal: string): Terminal {
  const found = terminals.get(terminal);
  if (found) return found;
  throw new DevlatchError("NOT_RUNNING", "This terminal is closed.", "Open it again.");
}
