import { resolve } from "node:path";
import { version } from "../../../shared/base/version.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import { readJournalAlone } from "../../../shared/client/launch.ts";
import { collectDiagnostics } from "../../../shared/diagnostics/collect.ts";
import { aboutBundle, defaultFile, writeBundle } from "../../../shared/diagnostics/write.ts";
import { diagnostics as diagnosticsOperation } from "../../../shared/operations/daemon.ts";
import type { Context } from "../context.ts";
import { checkFiles, checkSocket } from "../doctor/files.ts";
import { verb } from "./verb.ts";

/** Longest wait for one answer of the daemon, in milliseconds: the doctor looks several times. */
const answerMs = 45_000;

/** Collects what a bug report needs. Starts no daemon: without one, the files say what they can. */
export const diagnostics = verb(diagnosticsOperation, async ({ output, withOutput = false }, context) => {
  const { home, cwd, env, signal } = context;
  const daemon = await reach(context);
  const { connection } = daemon;
  const text = await collectDiagnostics({
    home,
    cwds: [cwd],
    by: `command line ${version}`,
    env,
    request:
      connection && ((method, params) => connection.request(method, params, { signal, timeoutMs: answerMs })),
    readJournal: (limit) => readJournalAlone({ script: context.daemonScript }, home, limit),
    unreachable: daemon.error,
    findings: [...checkFiles(home), ...checkSocket(home, connection !== undefined)],
    withOutput,
  });
  signal.throwIfAborted();
  const file = output === undefined ? defaultFile(home, new Date()) : resolve(cwd, output);
  writeBundle(file, text);
  return {
    data: { file, bytes: Buffer.byteLength(text), withOutput, daemon: connection !== undefined },
    text: aboutBundle(file, withOutput),
  };
});

async function reach(context: Context): Promise<{ connection?: Connection; error?: unknown }> {
  try {
    return { connection: await context.connect() };
  } catch (error) {
    context.signal.throwIfAborted();
    return { error };
  }
}
