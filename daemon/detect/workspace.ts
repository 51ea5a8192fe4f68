import type { AppPlan, Detection } from "../../shared/model/app.ts";
import type { SandboxView } from "../../shared/model/sandbox.ts";
import type { ProjectScript } from "../../shared/protocol/scripts.ts";
import type { MissingModules } from "./missing-modules.ts";

/** A sandbox's place and, where it has one, the id its configuration sets. */
export interface SandboxPlace {
  /** Absolute real path of the root. */
  readonly root: string;
  /** Absolute real path of the directory that was asked about. */
  readonly directory: string;
  /** `sandbox` of `devlatch.json`. */
  readonly explicitId?: string;
  /** Path of `devlatch.json`, if there is one. */
  readonly configFile?: string;
}

/** What a caller wishes beyond configuration and detection. */
export interface PlanWishes {
  readonly cwd: string;
  /** Of the sandbox, where `locate` has been asked already. */
  readonly root?: string;
  readonly app: string;
  readonly command?: readonly string[];
  readonly port?: number;
}

/** The sandbox pool of a checkout, as its configuration has it. */
export interface PoolSettings {
  readonly max: number;
  readonly warm: number;
  /** Absolute; where none is configured the pool chooses. */
  readonly directory?: string;
  /** Patterns of caches that stay for the next owner, as in .gitignore. */
  readonly keep: readonly string[];
}

/** A command that is done once with a sandbox, split into words. */
export interface ConfiguredStep {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files it depends on, as patterns from the sandbox's root. */
  readonly inputs: readonly string[];
}

/** What is done with a sandbox before anything, and when it is given back. */
export interface ConfiguredSteps {
  readonly setup?: ConfiguredStep;
  readonly teardown?: ConfiguredStep;
}

/** A command told which port to take, and the variables that say so. */
export interface PortedCommand {
  readonly command: readonly string[];
  /** To be laid over the plan's own `env`. */
  readonly env: Readonly<Record<string, string>>;
}

/** An app of a project whose server a command line would start. */
export interface StartedApp {
  /** The name it goes by. */
  readonly app: string;
  /** Absolute real path of its sandbox's root. */
  readonly root: string;
  /** Absolute real path of the directory that the server would run in. */
  readonly directory: string;
}

/** A command and the directory it runs in. */
export interface CommandIn {
  readonly command: readonly string[];
  readonly cwd: string;
}

/** A process as its command line and its directory show it. */
export interface RunningCommand {
  /** The words with blanks between them. */
  readonly command: string;
  readonly cwd: string;
}

/** By what a process is known as an app's server: by its program, or only by the script it is run from. */
export type Kinship = "program" | "script";

/**
 * Questions about one directory, as those of `Workspace`. What one has read isn't read again for the next: all see one state
 * of the files.
 */
export interface QuestionsAbout {
  locate(): Promise<SandboxPlace>;
  plan(wishes: Omit<PlanWishes, "cwd">): Promise<AppPlan>;
  describe(): ReturnType<Workspace["describe"]>;
}

/**
 * Reads workspaces: nothing here runs a command or writes a file. What rejects does so with `DEADLINE`, too, where the file
 * system doesn't answer.
 */
export interface Workspace {
  /**
   * The sandbox a directory belongs to: the nearest ancestor with a `devlatch.json`; else the workspace root of the
   * nearest package; else that package; else the git checkout; else the directory itself. Nothing above the git
   * checkout counts: a worktree inside another project is a sandbox of its own.
   * @throws DevlatchError `DIRECTORY_MISSING`
   */
  locate(cwd: string): Promise<SandboxPlace>;
  /**
   * Command, directory, port and the rest of one app.
   * @throws DevlatchError `UNKNOWN_APP`, `AMBIGUOUS_APP`, `CONFIG_INVALID`, `DIRECTORY_MISSING`
   */
  plan(wishes: PlanWishes): Promise<AppPlan>;
  /** Questions in a row about one directory; see there. */
  about(cwd: string): QuestionsAbout;
  /**
   * The plan with the port that the project's files say (its framework's configuration, `.env`), where the plan has only a
   * guess. Files are read, none is executed. Never rejects: what can't be read says nothing.
   */
  seePort(plan: AppPlan): Promise<AppPlan>;
  /** The plan's command for one port (see `applyPort`). */
  onPort(plan: AppPlan, port: number): PortedCommand;
  /** What can be started here, and what is wrong with the files. Never throws for bad files: they are `problems`. */
  describe(cwd: string): Promise<Omit<SandboxView, "sandboxId">>;
  /**
   * What is done with the sandbox of this root before anything, and when it is given back.
   * @throws DevlatchError `CONFIG_INVALID`
   */
  steps(root: string): Promise<ConfiguredSteps>;
  /** The settings of the pool whose `devlatch.json` is in `root`. @throws DevlatchError `CONFIG_INVALID` */
  pool(root: string): Promise<PoolSettings>;
  /**
   * The packages of the workspace whose root this is: by name the directory, from the root, with slashes. None where
   * it is no root, or its files can't be read within 2 s. Never rejects.
   */
  packageDirectories(root: string): Promise<ReadonlyMap<string, string>>;
  /**
   * By what each of these processes is known as the server of this plan; undefined for one that isn't.
   * @param lineages each a process with those above it behind, nearest first
   * @throws DevlatchError `CONFIG_INVALID` where reading the plan's command costs too much
   */
  kinships(
    plan: AppPlan,
    lineages: readonly (readonly RunningCommand[])[],
  ): Promise<readonly (Kinship | undefined)[]>;
  /** Whether a process would start another one, which it started, again when a file changes. */
  startsAgain(process: RunningCommand, started: RunningCommand): boolean;
  /**
   * Where the package around a directory has dependencies that aren't installed. Never rejects: what can't be read
   * within 2 s isn't said to be missing.
   */
  missingModules(cwd: string): Promise<MissingModules | undefined>;
  /**
   * A digest of the files a task depends on; see `inputDigest`.
   * @throws DevlatchError `CONFIG_INVALID`; the signal's reason
   */
  inputDigest(directory: string, patterns: readonly string[], signal: AbortSignal): Promise<string>;
  /** Whether two commands, each in its directory, start one server: a script, and what stands in it. Never rejects. */
  isSameServer(one: CommandIn, other: CommandIn): Promise<boolean>;
  /**
   * What the name of a script or task stands for: one of the package around a directory, else of its workspace's root.
   * @throws DevlatchError `INVALID_INPUT` for a name that is neither; `CONFIG_INVALID`, `DIRECTORY_MISSING`
   */
  script(name: string, cwd: string): Promise<ProjectScript>;
  /** What a command line stands for. */
  detect(command: readonly string[], cwd: string): Promise<Detection>;
  /**
   * The apps whose servers a command line, as typed, would start past Devlatch. None where its servers are no app's here.
   * @throws DevlatchError `CONFIG_INVALID`, `DIRECTORY_MISSING`
   */
  startedBy(line: string, cwd: string): Promise<readonly StartedApp[]>;
  /**
   * What stands in the package scripts that a command line runs, and in those that they run: 30 at most.
   * @throws DevlatchError `CONFIG_INVALID` for packages that name too many others
   */
  scriptTexts(line: string, cwd: string): Promise<readonly string[]>;
}
