import * as z from "zod";
import { digest } from "../base/token.ts";
import { AppName, External, Port } from "./app.ts";

/** One place where apps run: derived (`sb_` and 16 hex digits) or set explicitly in `devlatch.json`. */
export const SandboxId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "has only letters, digits, '.', '_' and '-' (64 at most)");
export type SandboxId = z.infer<typeof SandboxId>;

/** The id of a place that has no other. @param path its absolute real path on that machine */
export function derivedSandboxId(machineId: string, path: string): SandboxId {
  return `sb_${digest(`${machineId}\n${path}`)}`;
}

/** Whether an id was derived, so that it is one machine's alone. */
export function isDerived(id: SandboxId): boolean {
  return /^sb_[0-9a-f]{16}$/.test(id);
}

/** One that is set: not to be taken for a derived one. */
export const ExplicitSandboxId = SandboxId.refine((id) => !isDerived(id), {
  error: "looks like a derived id, which belongs to one machine; choose a name",
});

/** An app of a sandbox as a client shows it before anything runs. */
export const AppSummary = z.object({
  app: z.string(),
  /** The command as a person would type it; absent where none was found. */
  command: z.string().optional(),
  cwd: z.string(),
  port: z.int(),
  framework: z.string().optional(),
  source: z.enum(["explicit", "config", "detected"]),
  /** The file of an agent's that names it, relative to the root; absent where the project itself does. */
  from: z.string().optional(),
  /** Apps that must be ready before it is started. */
  dependsOn: z.array(z.string()).optional(),
  /** Set where it runs elsewhere and is only waited for. */
  external: External.optional(),
  /** Whether its command is to end, instead of to serve: it has no port, and `port` is 0. */
  task: z.boolean().optional(),
});
export type AppSummary = z.infer<typeof AppSummary>;

/** Whether it is a server that is started here, on a port of its own. */
export function isServer({ external, task }: Pick<AppSummary, "external" | "task">): boolean {
  return external === undefined && task !== true;
}

/** A server that is there only as a package's script: no app stands for it. */
export const ScriptServer = z.object({
  /** What the app could be called. */
  app: AppName,
  /** Absolute real path of the package. */
  cwd: z.string(),
  /** What runs the script: package manager, `run`, its name. */
  command: z.array(z.string()),
  /** The script's own text, cut. */
  script: z.string(),
});
export type ScriptServer = z.infer<typeof ScriptServer>;

/** What a client learns about the directory it works in. */
export const SandboxView = z.object({
  sandboxId: SandboxId,
  /** Absolute real path of the sandbox's root. */
  root: z.string(),
  apps: z.array(AppSummary),
  /** Servers that could be apps. */
  scripts: z.array(ScriptServer).optional(),
  /** Names of the apps that `devlatch.json` has. */
  configured: z.array(z.string()).optional(),
  /**
   * What files of agents would have done in a new checkout, as lines for a shell. None of it is done: only what
   * `devlatch.json` says is.
   */
  setups: z.array(z.object({ file: z.string(), setup: z.string() })).optional(),
  /** What is wrong with `devlatch.json` or the package files, in words. */
  problems: z.array(
    z.object({
      message: z.string(),
      remedy: z.string(),
      file: z.string().optional(),
      /** From 1. */
      line: z.int().positive().optional(),
      column: z.int().positive().optional(),
    }),
  ),
});
export type SandboxView = z.infer<typeof SandboxView>;

/** The port of each app of a sandbox. */
export const AppPorts = z.record(AppName, Port);
export type AppPorts = z.infer<typeof AppPorts>;

/** A sandbox of a pool as all callers may see it. */
export const PoolSandbox = z.object({
  sandboxId: SandboxId,
  /** Absolute real path of its worktree. */
  path: z.string(),
  ports: AppPorts,
  /** `spare`: ready for the next claim. `preparing`: being made, or cleaned after its last owner. */
  state: z.enum(["claimed", "spare", "preparing"]),
  /** Who has it, in words; null while it has no owner. */
  owner: z.string().nullable(),
  /** Time until the lease ends unless renewed, in milliseconds; 0 once it has ended; null without an owner. */
  leaseMs: z.number().nullable(),
});
export type PoolSandbox = z.infer<typeof PoolSandbox>;

/** A sandbox as its owner gets it. */
export const ClaimedSandbox = PoolSandbox.extend({
  state: z.literal("claimed"),
  owner: z.string(),
  leaseMs: z.number(),
  /** Proves ownership: 128 random bits. Its bearer can renew and release. */
  token: z.string(),
  fence: z.number(),
  /** The commit that is checked out. */
  commit: z.string(),
});
export type ClaimedSandbox = z.infer<typeof ClaimedSandbox>;

/** The ports of one sandbox of a pool. */
export interface PortBlock {
  readonly ports: AppPorts;
  /** By how much the ports of apps that have none in `ports` are shifted. */
  readonly offset: number;
}

/** An app's port in a sandbox: its wished one, unless the sandbox is one of a pool. */
export function appPort(block: PortBlock | undefined, app: AppName, wished: number): number {
  return block ? (block.ports[app] ?? wished + block.offset) : wished;
}

/** `web-admin` → `DEVLATCH_PORT_WEB_ADMIN` */
export function portVariable(app: AppName): string {
  return `DEVLATCH_PORT_${asVariable(app)}`;
}

/** `web-admin` → `DEVLATCH_URL_WEB_ADMIN` */
export function urlVariable(app: AppName): string {
  return `DEVLATCH_URL_${asVariable(app)}`;
}

function asVariable(app: AppName): string {
  return app.toUpperCase().replaceAll("-", "_");
}
