import * as z from "zod";
import {
  AppName,
  External,
  Limits,
  Port,
  ReadyProbe,
  RestartPolicy,
  StopSignal,
  StopWhenUnused,
} from "./app.ts";
import { offeringSchema } from "./editor-schema.ts";
import { ExplicitSandboxId } from "./sandbox.ts";

/** What an app gets where `devlatch.json` says nothing. Times in milliseconds. */
export const appDefaults = {
  restart: "never",
  stopSignal: "SIGTERM",
  stopTimeoutMs: 2000,
  stopWhenUnused: false,
} as const;

/** What `"stopWhenUnused": true` means. */
const unusedAfterMs = 60_000;
/** What `"stopAfterAgents": true` means: an agent's session is often taken up again. */
const afterAgentsMs = 10 * 60_000;

/** What can be said of an app that runs elsewhere, and of a task. */
const ofExternals: ReadonlySet<string> = new Set(["external", "dependsOn"]);
const ofTasks: ReadonlySet<string> = new Set(["kind", "command", "cwd", "env", "inputs", "dependsOn"]);

/** A pattern of files, short enough to be matched without harm: only `*`, `**` and `?` stand for something. */
const InputPattern = z
  .string()
  .regex(
    /^(?!\/)(?!(?:[^*]*\*){13})[^{}()[\]!\\\0]{1,200}$/,
    "must be a relative path, in which *, ** and ? may stand for names",
  );

const CommandLine = z
  .union([z.string().trim().min(1), z.array(z.string()).min(1)], {
    error: "must be a command line, or an array of a program and its arguments",
  })
  .describe("Split into words as a shell would and run without one; or an array of words");

const Variables = z.record(z.string().min(1), z.string());

/** One app of `devlatch.json`. */
export const AppConfig = z
  .strictObject({
    command: CommandLine.optional(),
    cwd: z.string().min(1).optional().describe("Directory to run in, relative to this file"),
    port: Port.optional().describe("Wished port; exported as PORT"),
    env: Variables.optional().describe("Environment variables of this app, on top of the caller's"),
    ready: ReadyProbe.optional().describe(
      "How to tell that the server is ready; default: any HTTP answer of the server itself",
    ),
    restart: RestartPolicy.optional().describe(
      `What happens when the server ends by itself: never, on-failure or always start it again; default: ${appDefaults.restart}`,
    ),
    stopSignal: StopSignal.optional().describe(
      `The signal a stop begins with; default: ${appDefaults.stopSignal}`,
    ),
    stopTimeoutMs: z
      .int()
      .min(0)
      .max(600_000)
      .optional()
      .describe(`Milliseconds between that signal and SIGKILL; default: ${appDefaults.stopTimeoutMs}`),
    stopWhenUnused: z
      .union([z.boolean(), z.strictObject(StopWhenUnused.shape)], {
        error: 'must be true, false, or {"afterMs": N} with N from 100 to 86400000',
      })
      .optional()
      .describe(
        `Stop ${unusedAfterMs / 1000} s (or "afterMs" milliseconds) after the last window, terminal or agent left; default: ${appDefaults.stopWhenUnused}`,
      ),
    stopAfterAgents: z
      .union([z.boolean(), z.strictObject(StopWhenUnused.shape)], {
        error: 'must be true, false, or {"afterMs": N} with N from 100 to 86400000',
      })
      .optional()
      .describe(
        `Stop what an agent had started, and no person used, ${afterAgentsMs / 60_000} min (or "afterMs" milliseconds) after the last agent that used it ended; default: true, unless "stopWhenUnused" is set`,
      ),
    limits: z
      .strictObject(Limits.shape)
      .optional()
      .describe(
        "What its processes may use together before it is stopped; default: 1000 processes, 80 % of the machine's memory",
      ),
    dependsOn: z
      .array(AppName)
      .max(50)
      .optional()
      .describe("Apps that must be ready before this one is started; they are started with it"),
    kind: z
      .literal("task")
      .optional()
      .describe("task: the command is to end with 0 before what depends on it starts, as a migration"),
    inputs: z
      .array(InputPattern)
      .max(50)
      .optional()
      .describe("Files a task depends on: while they and its command are the same, it isn't done again"),
    external: z
      .strictObject(External.shape)
      .optional()
      .describe(
        'Something that runs elsewhere, as a database: {"tcp": 5432}. It is waited for, and never started or ended',
      ),
  })
  .superRefine((app, issues) => {
    const refuse = (key: string, message: string) =>
      issues.addIssue({ code: "custom", path: [key], message });
    const { external, kind, command, inputs } = app;
    const foreign = (known: ReadonlySet<string>) => Object.keys(app).find((key) => !known.has(key));
    const beside = external === undefined ? undefined : foreign(ofExternals);
    if (beside) refuse(beside, `doesn't go with "external": what runs elsewhere isn't started from here`);
    if (kind === undefined && inputs !== undefined) refuse("inputs", 'is for a "kind" of task only');
    if (kind === undefined || external !== undefined) return;
    const ofServer = foreign(ofTasks);
    if (ofServer) refuse(ofServer, "doesn't go with a task, which ends by itself and listens nowhere");
    if (command === undefined) refuse("kind", 'is a task, which needs a "command"');
  })
  .describe("One app: a named thing that has a dev server");
export type AppConfig = z.infer<typeof AppConfig>;

/** The setting as plans have it. */
export function stopWhenUnusedOf(configured: AppConfig["stopWhenUnused"]): StopWhenUnused | false {
  const setting = configured ?? appDefaults.stopWhenUnused;
  return setting === true ? { afterMs: unusedAfterMs } : setting;
}

/**
 * What becomes of a server that agents alone used, as plans have it: where the app's file says what becomes of it unused,
 * that holds for agents, too.
 */
export function stopAfterAgentsOf(
  app: Pick<AppConfig, "stopAfterAgents" | "stopWhenUnused"> | undefined,
): StopWhenUnused | undefined {
  const setting = app?.stopAfterAgents ?? app?.stopWhenUnused === undefined;
  if (typeof setting === "object") return setting;
  return setting ? { afterMs: afterAgentsMs } : undefined;
}

/** What the sandbox pool gets where `devlatch.json` says nothing; the directory is `../.worktrees/<repository>`. */
export const sandboxesDefaults = { max: 8, warm: 0 } as const;

/** Limits of the sandbox pool. */
export const SandboxesConfig = z
  .strictObject({
    max: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe(`Most sandboxes at a time; default: ${sandboxesDefaults.max}`),
    warm: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .describe(`Sandboxes kept ready for the next claim; default: ${sandboxesDefaults.warm}`),
    directory: z.string().min(1).optional().describe("Where they are created, relative to this file"),
    keep: z
      .array(
        z
          .string()
          .regex(/^[^!#\s-][^\r\n]*$/, "must be a pattern as in .gitignore, without !, # or - in front"),
      )
      .max(100)
      .optional()
      .describe('Caches that stay for the next owner, as in .gitignore: ["node_modules"]'),
  })
  .describe("The pool of worktree sandboxes");
export type SandboxesConfig = z.infer<typeof SandboxesConfig>;

/** What is done once with a sandbox, in its root. */
const Teardown = z.strictObject({
  command: CommandLine,
  env: Variables.optional().describe("Environment variables of the command, on top of the caller's"),
});
const Setup = Teardown.extend({
  inputs: z
    .array(InputPattern)
    .max(50)
    .optional()
    .describe("Files it depends on: when they change it is done again"),
});

export type StepConfig = z.infer<typeof Setup>;

/** The whole of `devlatch.json`. */
export const WorkspaceConfig = z.strictObject({
  $schema: z.string().optional().describe("Schema for editors"),
  sandbox: ExplicitSandboxId.optional().describe(
    "Explicit id, for machines that share one Redis; default: derived from machine and path",
  ),
  apps: z.record(AppName, AppConfig).optional().describe("Apps by name"),
  setup: Setup.optional().describe(
    "Done once in each checkout or worktree before anything is started or run there; again when it changes",
  ),
  teardown: Teardown.optional().describe(
    "Done when a sandbox of the pool is given back, where its setup was begun: what the setup made elsewhere goes",
  ),
  sandboxes: SandboxesConfig.optional(),
});
export type WorkspaceConfig = z.infer<typeof WorkspaceConfig>;

/**
 * The JSON schema by which editors offer what can stand in `devlatch.json`, as the build writes it to
 * `dist/devlatch.schema.json`. It marks nothing, see {@link offeringSchema}.
 */
export function configJsonSchema(): Record<string, unknown> {
  return {
    ...offeringSchema(z.toJSONSchema(WorkspaceConfig, { io: "input", target: "draft-7" })),
    title: "Devlatch configuration",
    allowComments: true,
    allowTrailingCommas: true,
  };
}
