import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { randomToken } from "../../shared/base/token.ts";
import { isLive, type SessionRecord, sessionKey, sessionName } from "../../shared/model/session.ts";
import { connectHost, type HostConnection } from "../host/client.ts";
import type { CallContext, Handlers } from "./contract.ts";
import { noteUse } from "./holding.ts";
import type { Parts } from "./parts.ts";
import { locateSandbox } from "./targets.ts";

/** How long a host may take to answer, in milliseconds. */
const answerTimeoutMs = 5_000;

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
      forward(terminal, connection, scope, call);
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

function forward(terminal: string, connection: HostConnection, scope: Scope, call: CallContext): void {
  connection.onOutput((bytes) => call.notify("terminal/data", { terminal, data: bytes.toString("base64") }));
  const close = (reason: string) => {
    if (scope.disposed) return;
    call.notify("terminal/closed", { terminal, reason });
    scope.dispose();
  };
  connection.onDropped(close);
  connection.onClosed(() => close("The session ended."));
}

async function runningRecord(parts: Parts, cwd: string, app: string): Promise<SessionRecord> {
  const { sandboxId } = await locateSandbox(parts, cwd);
  const record = parts.sessions.registry.peek(sessionKey(sandboxId, app));
  if (record?.hosting?.kind === "hosted" && isLive(record.state)) return record;
  throw new DevlatchError(
    "NOT_RUNNING",
    record?.hosting?.kind === "adopted"
      ? `${sessionName(app)} was started by hand; its terminal is where it was started.`
      : `${sessionName(app)} isn't running, so it has no terminal.`,
    `Start it with: devlatch start ${app}`,
  );
}

function find(terminals: ReadonlyMap<string, Terminal>, terminal: string): Terminal {
  const found = terminals.get(terminal);
  if (found) return found;
  throw new DevlatchError("NOT_RUNNING", "This terminal is closed.", "Open it again.");
}
