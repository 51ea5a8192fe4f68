import { arch, cpus, freemem, homedir, hostname, platform, release, totalmem, userInfo } from "node:os";
import { join } from "node:path";
import { toErrorShape } from "../base/errors.ts";
import { requireHome } from "../client/believed-home.ts";
import type { Home } from "../client/home.ts";
import { configFileName } from "../model/config-file-name.ts";
import type { Finding } from "../model/doctor.ts";
import type { JournalPage } from "../model/journal.ts";
import type { MethodName, Params, Result, StatusResult } from "../protocol/methods.ts";
import { readConfig, readHomeFiles, secretsOf } from "./files.ts";
import { fit } from "./fit.ts";
import { isSecretName } from "./patterns.ts";
import { Redactor } from "./redact.ts";

/** Where diagnostics are collected. */
export interface DiagnosticsSource {
  readonly home: Home;
  /** Directories the caller works in. */
  readonly cwds: readonly string[];
  /** Who collects, e.g. `command line 0.1.0`. */
  readonly by: string;
  readonly env: NodeJS.ProcessEnv;
  /** The editor's own settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Asks the daemon; absent where none can be reached. */
  readonly request?: (<M extends MethodName>(method: M, params: Params<M>) => Promise<Result<M>>) | undefined;
  /** The journal's last entries by themselves, where no daemon tells them. */
  readonly readJournal: (limit: number) => Promise<JournalPage>;
  /** Why no daemon can be reached. */
  readonly unreachable?: unknown;
  /** What the caller's own doctor found. */
  readonly findings: readonly Finding[];
  /** Whether the last lines of servers' output go in: they may hold secrets that nothing tells apart. */
  readonly withOutput: boolean;
}

/** Entries of the journal, and lines of each server's output. */
const journalEntries = 500;
const outputLines = 200;
/** Values of variables shorter than this are switches ("true"), and would make holes everywhere. */
const shortestValue = 6;

/**
 * Everything a bug report needs, without what others should not see. What can't be had is left out and named.
 * @returns a JSON text of at most 2 MB
 * @throws DevlatchError `UNSAFE_PATH`
 */
export async function collectDiagnostics(source: DiagnosticsSource): Promise<string> {
  requireHome(source.home);
  const problems: { part: string; problem: string }[] = [];
  const note = (part: string, error: unknown) =>
    void problems.push({ part, problem: toErrorShape(error).message });
  if (source.unreachable !== undefined) note("daemon", source.unreachable);
  const ask = async <M extends MethodName>(method: M, params: Params<M>): Promise<Result<M> | undefined> =>
    source.request?.(method, params).catch((error: unknown) => {
      note(method, error);
      return undefined;
    });
  const readAlone = () =>
    source.readJournal(journalEntries).catch((error: unknown) => {
      note("journal", error);
      return undefined;
    });
  const [status, health, locks, journal, doctor] = await Promise.all([
    ask("daemon/status", {}),
    ask("health/check", {}),
    ask("lock/list", {}),
    ask("journal/read", { limit: journalEntries }).then((page) => page ?? readAlone()),
    ask("doctor/examine", {}),
  ]);
  const output = source.withOutput && status ? await readOutput(status, ask) : undefined;
  const roots = rootsOf(source, status);
  const redactor = new Redactor(knownOf(source, roots));
  const content = {
    ...facts(source),
    problems,
    findings: [...source.findings, ...(doctor?.findings ?? [])],
    status,
    health,
    locks,
    journal: journal?.entries,
    configuration: Object.fromEntries(
      roots.map((root) => [join(root, configFileName), readConfig(join(root, configFileName))]),
    ),
    files: readHomeFiles(source.home),
    output,
  };
  return fit(redactor.value(content));
}

function facts({ by, env, settings, withOutput }: DiagnosticsSource): Record<string, unknown> {
  return {
    about: {
      what: "Diagnostics of Devlatch for a bug report. Look through it before you pass it on.",
      redacted:
        "Secrets, values of environment variables, names of users and machines, and directories of this user.",
      output: withOutput
        ? "Holds the last lines of servers' output, where secrets can't all be told apart."
        : "Holds no output of servers.",
      collectedBy: by,
      collectedAt: new Date().toISOString(),
    },
    platform: {
      system: `${platform()} ${release()} ${arch()}`,
      node: process.versions.node,
      electron: process.versions["electron"],
      cpus: cpus().length,
      memoryBytes: totalmem(),
      freeBytes: freemem(),
    },
    settings,
    environment: Object.fromEntries(
      Object.keys(env)
        .sort()
        .map((name) => [name, ""]),
    ),
  };
}

type Ask = <M extends MethodName>(method: M, params: Params<M>) => Promise<Result<M> | undefined>;

async function readOutput({ sessions }: StatusResult, ask: Ask): Promise<unknown> {
  const pages = sessions.map(async ({ app, root, session, sandboxId }) => {
    const page = await ask("session/logs", { cwd: root, app, limit: outputLines });
    return [`${sandboxId}/${session}`, page?.messages.map(({ text }) => text)] as const;
  });
  return Object.fromEntries(await Promise.all(pages));
}

/** The callers' directories first, so that they have the low numbers. */
function rootsOf({ cwds }: DiagnosticsSource, status: StatusResult | undefined): readonly string[] {
  return [...new Set([...cwds, ...(status?.sessions.map(({ root }) => root) ?? [])])];
}

function knownOf(
  { env, home }: DiagnosticsSource,
  roots: readonly string[],
): ConstructorParameters<typeof Redactor>[0] {
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value && value.length >= shortestValue && isSecretName(name) ? [value] : [],
  );
  const user = userName();
  const host = hostname();
  return {
    secrets: [
      ...secretsOf(home),
      ...variables,
      ...roots.flatMap(configuredSecrets),
      ...passwordsIn(env["DEVLATCH_REDIS_URL"]),
    ],
    directories: {
      "<devlatch>": [home.directory],
      "~": [homedir(), env["HOME"], env["USERPROFILE"]].flatMap((path) => path || []),
    },
    workspaces: roots,
    users: [user, env["USER"], env["USERNAME"], env["LOGNAME"], env["SUDO_USER"]].filter(isName),
    hosts: [host, host.split(".", 1)[0], env["HOSTNAME"], env["COMPUTERNAME"]].filter(isName),
  };
}

/** Values of variables that a `devlatch.json` sets: they may stand among a process' arguments, too. */
function configuredSecrets(root: string): readonly string[] {
  const values = environmentsIn(readConfig(join(root, configFileName))).flatMap(Object.entries);
  return values.flatMap(([name, value]) => {
    if (typeof value !== "string" || value.length < shortestValue) return [];
    return isSecretName(name) ? [value] : passwordsIn(value);
  });
}

function environmentsIn(value: unknown): readonly object[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "env" && typeof inner === "object" && inner !== null ? [inner] : environmentsIn(inner),
  );
}

function isName(name: string | undefined): name is string {
  return name !== undefined && name !== "" && name !== "localhost";
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A uid without an entry, usual in containers.
    return undefined;
  }
}

/** The password of a URL, as it stands there and decoded. */
function passwordsIn(url: string | undefined): readonly string[] {
  const password = url === undefined ? undefined : URL.parse(url)?.password;
  if (!password) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
