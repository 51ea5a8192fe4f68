import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Disposable, Scope } from "../shared/base/disposable.ts";
import { DevlatchError, toErrorShape } from "../shared/base/errors.ts";
import { build, version } from "../shared/base/version.ts";
import { type Home, locateHome } from "../shared/client/home.ts";
import type { DaemonReport } from "../shared/client/launch.ts";
import { ownNetwork } from "../shared/client/own-network.ts";
import { readDaemonState, storeMark } from "../shared/client/state-file.ts";
import { ownArgument } from "../shared/model/marks.ts";
import { runtimeArguments } from "../shared/model/own-runtime.ts";
import { protocolRange } from "../shared/protocol/versions.ts";
import { createDaemon } from "./daemon.ts";
import { ownProcesses } from "./host/own-processes.ts";
import { tendCompileCache } from "./lifecycle/compile-cache.ts";
import { ensureToken, prepareHome, removeDaemonState, writeDaemonState } from "./lifecycle/home-files.ts";
import { defaultIdleMs, exitWhenIdle } from "./lifecycle/idle.ts";
import { openLog } from "./lifecycle/log.ts";
import { createProcesses } from "./processes/create-processes.ts";
import { keepMemorySmall } from "./processes/memory.ts";
import { isOwnPeer } from "./processes/peer-user.ts";
import { RpcServer } from "./rpc/server.ts";
import { holdExclusive } from "./store/sqlite/exclusive.ts";

/** What is worth a collection, in bytes. */
const worthGivingBack = 8 * 1024 * 1024;

/**
 * Entry of the daemon. It takes the home's lock, listens, tells its launcher so on standard output, and serves until
 * it is told to stop or has nothing left to do. Ending it, in whatever way, leaves servers running.
 */
async function main(): Promise<void> {
  const home = locateHome();
  prepareHome(home);
  const lock = holdExclusive(home.lockFile);
  if (!lock) {
    report({ kind: "running" });
    return;
  }
  await serve(home, lock);
}

async function serve(home: Home, lock: Disposable): Promise<void> {
  const log = openLog(home.logFile);
  const scope = new Scope();
  scope.add(keepMemorySmall({ worthBytes: worthGivingBack }));
  scope.add(tendCompileCache(home.cacheDirectory));
  const stopped = Promise.withResolvers<string>();
  const stop = (reason: string) => stopped.resolve(reason);
  const token = ensureToken(home);
  const processes = createProcesses(() => ownProcesses(home));
  const redisUrl = process.env["DEVLATCH_REDIS_URL"] || undefined;
  const here = dirname(fileURLToPath(import.meta.url));
  const daemon = await createDaemon({
    home,
    log,
    processes,
    hostProgram: {
      file: process.execPath,
      args: [...runtimeArguments, scriptBeside(here, "host"), ownArgument],
    },
    databaseProgram: { file: process.execPath, args: [scriptBeside(here, "database")] },
    redisUrl,
    predecessor: readDaemonState(home),
    // After the answer has gone out.
    shutDown: () => setTimeout(stop, 50, "asked to").unref(),
  });
  scope.add(daemon);
  const { handlers, listeners } = daemon;
  const self = (await processes.identify(process.pid)) ?? { pid: process.pid, startTime: "unknown" };
  const server = scope.add(
    new RpcServer({ self, token, epoch: daemon.epoch, handlers, listeners, log, isOwnPeer }),
  );
  const address = await server.listen(home.socketPath);
  const startedAt = Date.now();
  const network = ownNetwork();
  const { epoch } = daemon;
  writeDaemonState(home, {
    pid: self.pid,
    startTime: self.startTime,
    epoch,
    version,
    build,
    protocol: protocolRange,
    address,
    startedAt,
    store: storeMark(redisUrl, token),
    ...(network === undefined ? {} : { network }),
    script: fileURLToPath(import.meta.url),
  });
  scope.defer(() => removeDaemonState(home, epoch));
  const idleMs = Number(process.env["DEVLATCH_IDLE_MS"]) || defaultIdleMs;
  scope.add(
    exitWhenIdle(
      idleMs,
      { busy: () => server.connectionCount > 0 || daemon.busy, made: () => server.connectionsMade },
      () => stop("idle"),
    ),
  );
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stop(signal));
  process.on("unhandledRejection", (error) => log.error({ err: error }, "unhandled rejection"));
  process.on("uncaughtException", (error) => {
    log.error({ err: error }, "uncaught exception; ending, servers run on");
    stop("uncaught exception");
  });
  log.info({ version, home: home.directory, address }, "listening");
  report({ kind: "ready" });
  const reason = await stopped.promise;
  log.info({ reason }, "ending; servers run on");
  try {
    daemon.ending(reason);
    scope.dispose();
  } catch (error) {
    log.error({ err: error }, "not all could be ended");
  }
  await daemon.closed();
  // Held to the very end: until all is released and written down, no other daemon may serve this home.
  lock.dispose();
  process.exit(0);
}

/** Another program's bundle beside ours; its source when run from the sources. */
function scriptBeside(here: string, program: "host" | "database"): string {
  if (!import.meta.url.endsWith(".ts")) return join(here, `${program}.js`);
  return program === "host" ? join(here, "host", "main.ts") : join(here, "health", "database", "main.ts");
}

/** One line to the launcher; then standard output is of no use any more. */
function report(message: DaemonReport): void {
  process.stdout.on("error", () => {});
  process.stdout.write(`${JSON.stringify(message)}\n`, () => process.stdout.destroy());
}

main().catch((error: unknown) => {
  const shape =
    error instanceof DevlatchError
      ? toErrorShape(error)
      : { ...toErrorShape(error), code: "DAEMON_UNAVAILABLE" as const };
  console.error(error);
  report({ kind: "failed", error: shape });
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 200);
});
