import { formatMs } from "../../../shared/base/deadline.ts";
import { hasCode, toErrorShape } from "../../../shared/base/errors.ts";
import { build } from "../../../shared/base/version.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import { networkDiffers } from "../../../shared/client/own-network.ts";
import { readDaemonState } from "../../../shared/client/state-file.ts";
import type { Finding } from "../../../shared/model/doctor.ts";
import type { HealthReport } from "../../../shared/model/health.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import { info, ok, problem, warning } from "./finding.ts";

/** How long one question of the doctor may take, in milliseconds. */
const questionMs = 15_000;
/** How long the look for what is left over may take, in milliseconds: it looks several times. */
const leftoversMs = 45_000;

/** What the daemon says about itself. Starts none. */
export async function checkDaemon(context: Context): Promise<{ findings: Finding[]; answers: boolean }> {
  try {
    const connection = await context.connect();
    return { findings: await examine(connection, context), answers: true };
  } catch (error) {
    if (context.signal.aborted) throw error;
    if (hasCode(error, "DAEMON_UNAVAILABLE")) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (hasCode(cause, "UNSAFE_PATH"))
        return { findings: [warning("daemon", cause.message, error.remedy)], answers: false };
      return { findings: [info("daemon", "No daemon runs; the next command starts one")], answers: false };
    }
    const { message, remedy } = toErrorShape(error);
    return { findings: [problem("daemon", message, remedyFor(error, remedy))], answers: true };
  }
}

/** The generic remedy is "run the doctor", which doesn't help here. */
function remedyFor(error: unknown, remedy: string): string {
  if (!hasCode(error, "UNAUTHENTICATED")) return remedy;
  return "The token file was changed while the daemon ran, or another program took its address. End that process and try again.";
}

async function examine(connection: Connection, context: Context): Promise<Finding[]> {
  const options = { signal: context.signal, timeoutMs: questionMs };
  const status = await connection.request("daemon/status", {}, options);
  return [
    ok("daemon", `The daemon answers (pid ${status.daemon.pid}, up ${formatMs(status.daemon.uptimeMs)})`),
    checkBuild(connection.build),
    ...checkNetwork(context),
    ...checkStore(status, context.env),
    ...checkSessions(status),
    ...(await checkHealth(connection, options)),
    ...(await checkWorkspace(connection, context.cwd, options)),
    ...(await checkLeftovers(connection, context.signal)),
  ];
}

function checkNetwork({ home }: Context): Finding[] {
  const state = readDaemonState(home);
  const differs = state && networkDiffers(state);
  return differs ? [problem("network", differs.message, differs.remedy)] : [];
}

function checkBuild(daemon: string): Finding {
  if (daemon === build) return ok("build", `Daemon and command line are of the same build (${build})`);
  return warning(
    "build",
    `The daemon is of build ${daemon}, the command line of ${build}`,
    "Renew it with: devlatch daemon stop (servers run on; the next command starts the new one).",
  );
}

/** The store's state, and whether it is the one this terminal's environment asks for. */
export function checkStore({ daemon: { store } }: StatusResult, env: NodeJS.ProcessEnv): Finding[] {
  const findings = [
    store.healthy
      ? ok("store", `The ${store.kind} store is healthy`)
      : problem(
          "store",
          `The ${store.kind} store doesn't answer`,
          store.kind === "redis"
            ? "Check that Redis runs and DEVLATCH_REDIS_URL is right."
            : "Check the disk.",
        ),
  ];
  const wanted = env["DEVLATCH_REDIS_URL"] ? "redis" : undefined;
  if (wanted && wanted !== store.kind) {
    findings.push(
      warning(
        "store-kind",
        `DEVLATCH_REDIS_URL is set here, but the daemon was started without it and uses ${store.kind}`,
        "Stop the daemon (devlatch daemon stop); the next command from here starts it on Redis.",
      ),
    );
  }
  return findings;
}

/** Sessions that ended badly. */
export function checkSessions({ sessions }: StatusResult): Finding[] {
  return sessions.flatMap(({ app, root, state }) =>
    state.kind === "failed"
      ? [warning("session", `${app} in ${root} failed: ${state.error.message}`, state.error.remedy)]
      : [],
  );
}

interface QuestionOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

async function checkHealth(connection: Connection, options: QuestionOptions): Promise<Finding[]> {
  const findings = healthFindings(await connection.request("health/check", {}, options));
  return findings.length > 0 ? findings : [ok("health", "All components are healthy")];
}

/** A busy machine or a server that doesn't answer deserves a look, but nothing is wrong with Devlatch. */
export function healthFindings({ components }: HealthReport): Finding[] {
  return Object.entries(components).flatMap(([name, { status, summary }]): Finding[] => {
    if (status !== "critical" && status !== "warning") return [];
    const own = name !== "resources" && name !== "servers";
    const level = own && status === "critical" ? problem : warning;
    return [level(`health-${name}`, `${name}: ${summary}`, "See: devlatch health")];
  });
}

/** What is left over of sessions, hosts, locks and sandboxes. A daemon of another build may not know how to look. */
async function checkLeftovers(connection: Connection, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    const { findings } = await connection.request("doctor/examine", {}, { signal, timeoutMs: leftoversMs });
    return findings.length > 0 ? findings : [ok("leftovers", "Nothing is left over")];
  } catch (error) {
    if (hasCode(error, "UNKNOWN_METHOD")) return [];
    throw error;
  }
}

/** What is wrong with the files of the directory the caller is in. */
async function checkWorkspace(
  connection: Connection,
  cwd: string,
  options: QuestionOptions,
): Promise<Finding[]> {
  const { problems } = await connection.request("sandbox/describe", { cwd }, options);
  return problems.map(({ message, remedy }) => problem("workspace", message, remedy));
}
