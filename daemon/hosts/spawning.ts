import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { DevlatchError, isErrorCode } from "../../shared/base/errors.ts";
import { cookieVariable, sessionVariable } from "../../shared/model/marks.ts";
import { HostReport, type HostSpec } from "../host/protocol.ts";
import { launchDetached } from "../processes/launch.ts";
import { childEnvironment, hostEnvironment } from "./environment.ts";
import type { HostableRecord, Hosted, HostsDependencies, HostWishes } from "./hosting.ts";

/** How long a host may take to spawn its child and report, in milliseconds. */
const spawnTimeoutMs = 15_000;

/**
 * Starts a host for the intent in `record`.
 * @returns `occupied` where another host holds the session's lock: nothing was spawned then
 * @throws DevlatchError `HOST_FAILED` where Devlatch's own files are gone; what the host reports (`COMMAND_NOT_FOUND`, `DIRECTORY_MISSING`, `HOST_FAILED`)
 */
export async function spawnHost(
  dependencies: Pick<HostsDependencies, "hostProgram" | "journalFile" | "sessionsDirectory">,
  launch: { readonly record: HostableRecord; readonly hosting: Hosted; readonly wishes: HostWishes },
  signal: AbortSignal,
): Promise<"running" | "occupied"> {
  const { record, hosting, wishes } = launch;
  requireInstalled(dependencies.hostProgram);
  mkdirSync(hosting.directory, { recursive: true, mode: 0o700 });
  const marks = { [cookieVariable]: hosting.launchId, [sessionVariable]: record.session };
  const spec: HostSpec = {
    session: record.session,
    launchId: hosting.launchId,
    fence: record.fence,
    command: [...record.settings.command],
    cwd: record.settings.cwd,
    env: childEnvironment(wishes.callerEnvironment, record.settings.env, { ...wishes.exported, ...marks }),
    columns: wishes.size?.columns ?? 120,
    rows: wishes.size?.rows ?? 30,
    endsWithLeader: wishes.endsWithLeader ?? false,
    directory: hosting.directory,
    journal: dependencies.journalFile,
    ...(wishes.note === undefined ? {} : { note: wishes.note }),
  };
  const { file, args } = dependencies.hostProgram;
  const { report } = await launchDetached({
    file,
    args: [...args],
    input: JSON.stringify(spec),
    cwd: homedir(),
    env: hostEnvironment(hosting.launchId, dependencies.sessionsDirectory),
    readyTimeoutMs: spawnTimeoutMs,
    signal,
  });
  return interpret(report);
}

/**
 * An upgrade or an uninstall takes the files of a daemon that still runs. It goes on without them; only what would have to
 * be started can't be.
 * @throws DevlatchError `HOST_FAILED`
 */
export function requireInstalled({ args }: HostsDependencies["hostProgram"]): void {
  const script = args.find((argument) => /\.[jt]s$/.test(argument));
  if (script === undefined || existsSync(script)) return;
  throw new DevlatchError(
    "HOST_FAILED",
    `Devlatch was upgraded or removed while its daemon ran: ${script} is gone.`,
    "Run a command of the installed one, or reload the window: its daemon takes this one's place, and servers run on.",
  );
}

function interpret(text: string): "running" | "occupied" {
  const report = HostReport.safeParse(safeJson(text));
  if (!report.success) {
    throw new DevlatchError(
      "HOST_FAILED",
      `The session host said something unexpected: ${text.slice(0, 200)}`,
      "Client, daemon and host may be of different builds. Run: devlatch daemon stop, then try again.",
    );
  }
  if (report.data.kind !== "failed") return report.data.kind;
  const { code, message, remedy } = report.data;
  throw new DevlatchError(isErrorCode(code) ? code : "HOST_FAILED", message, remedy);
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
