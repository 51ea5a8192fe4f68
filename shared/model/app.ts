import * as z from "zod";
import { maxPatternLength } from "../base/pattern.ts";
import { appNameRule } from "./app-name-rule.ts";

const nameWords = "starts with a letter and has only lower-case letters, digits, - and _ (40 at most)";

/** The name of an app: `web`, `mobile`, any name from `devlatch.json`, or a package's. */
export const AppName = z
  .string()
  .regex(appNameRule, nameWords)
  .describe("Name of the app: web, mobile, a name from devlatch.json, or a package of the workspace");
export type AppName = z.infer<typeof AppName>;

/** A text as the name of an app: `My App` is `my-app`. */
export function asAppName(text: string): AppName {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 40);
  return AppName.safeParse(plain).success ? plain : "app";
}

/** An app as people name it: also by the name (`@acme/site`) or the path (`apps/site`) of its package. */
export const SpokenApp = z
  .string()
  .overwrite((text) =>
    /^@[^/]*\/.|\w\/./.test(text) ? asAppName(text.replace(/^@[^/]*\//, "")) : text.replace(/\/$/, ""),
  )
  .regex(appNameRule, nameWords)
  .describe(AppName.description ?? "");

/** The apps that a package without configuration can be. */
export type UsualApp = "web" | "mobile";

export function isUsual(app: string): app is UsualApp {
  return app === "web" || app === "mobile";
}

/** A TCP port a server can listen on. */
export const Port = z.int().min(1).max(65535);

/** The port an app wishes for when nothing says otherwise. */
export const defaultPorts: Readonly<Record<string, number>> = { web: 3000, mobile: 8081 };

/**
 * What a port is: `asked` for (the caller's flag or `PORT`, `devlatch.json`), `seen` where the project says it (its command,
 * its framework's configuration, `.env`), or `guessed` (the framework's default). No caller wants a guess: it is told to no
 * server, is no conflict, and isn't compared.
 */
export const PortOrigin = z.enum(["asked", "seen", "guessed"]);
export type PortOrigin = z.infer<typeof PortOrigin>;

/** How to tell that a server answers, once its own tree listens on its port. */
export const ReadyProbe = z.union([
  z.strictObject({
    http: z
      .string()
      .startsWith("/")
      .describe("Path that must answer an HTTP request with a status from 200 to 399"),
    status: z.int().min(100).max(599).optional().describe("The one status that it must answer with instead"),
  }),
  z.strictObject({ tcp: z.literal(true).describe("Accepting a TCP connection is enough") }),
  z.strictObject({
    pattern: z
      .string()
      .min(1)
      .max(maxPatternLength)
      .describe("Regular expression the output must match; without lookaround and backreferences"),
  }),
]);
export type ReadyProbe = z.infer<typeof ReadyProbe>;

/** What happens when the server's process ends by itself. */
export const RestartPolicy = z.enum(["never", "on-failure", "always"]);
export type RestartPolicy = z.infer<typeof RestartPolicy>;

/** The signal a stop begins with. */
export const StopSignal = z.enum(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]);
export type StopSignal = z.infer<typeof StopSignal>;

/** What to do when another process listens on the wished port. */
export const ConflictPolicy = z.enum(["ask", "next", "fail"]);
export type ConflictPolicy = z.infer<typeof ConflictPolicy>;

/** When a server without holders is stopped: this long after the last holder left. */
export const StopWhenUnused = z.object({
  /** Milliseconds. */
  afterMs: z.int().min(100).max(86_400_000),
});
export type StopWhenUnused = z.infer<typeof StopWhenUnused>;

/** What a server's processes may use together before it is stopped. */
export const Limits = z.object({
  processes: z.int().min(1).max(1_000_000).optional().describe("Most processes"),
  memoryMb: z.int().min(1).max(100_000_000).optional().describe("Most memory, in MB"),
});
export type Limits = z.infer<typeof Limits>;

/** What an app waits for that runs elsewhere: a database, a container. */
export const External = z.object({
  /** The port it listens on. */
  tcp: Port,
  /** Where; this machine by default. */
  host: z
    .string()
    .regex(/^[A-Za-z0-9:._-]{1,255}$/, "must be a host name or an address")
    .default("localhost"),
});
export type External = z.infer<typeof External>;

/** Something that has to be done before others start, as a migration: its command ends, and with 0. */
export const Task = z.object({
  /** Files it depends on, as patterns from its directory: while they and its command are the same it isn't done again. */
  inputs: z.array(z.string()),
});
export type Task = z.infer<typeof Task>;

/** The `portSource` of a port that the command line says. */
export const commandSource = "its command";

/** Where a project says its server's port. */
export interface PortPlaces {
  /** The directory the server runs in; absolute. */
  readonly directory: string;
  /** Files of variables that its command line names; absolute. */
  readonly envFiles: readonly string[];
  /** The words of the program that serves: they may name files of configuration. */
  readonly words?: readonly string[];
}

/** Everything needed to start an app once, resolved from configuration, detection and the caller's wishes. */
export interface AppPlan {
  /** Of one of several packages its own name, whatever it was asked for by. */
  readonly app: AppName;
  /** What it would be called if it were alone: set where it is one of several packages of a workspace. */
  readonly member?: UsualApp;
  /** Absolute real path of the directory the command runs in. */
  readonly cwd: string;
  /** Program and arguments; run without a shell. */
  readonly command: readonly string[];
  /** The app's own settings from configuration, before the caller's environment is laid under them. */
  readonly env: Readonly<Record<string, string>>;
  /** The port it listens on, as far as that is known. */
  readonly port: number;
  readonly portOrigin: PortOrigin;
  /** Where a port that was seen stands, in words: `vite.config.ts`. */
  readonly portSource?: string;
  /** `port` of the app in `devlatch.json`, whatever the caller asks for. */
  readonly configuredPort?: number;
  /** The port its command line says, or its framework's default, whatever is asked for. */
  readonly ownPort?: number;
  /** Why it can't be given another port than its own, in words. */
  readonly portFixed?: string;
  /** Set where `PORT` would reach other programs beside the server, which may read it too. */
  readonly portSpreads?: true;
  /**
   * Whether Devlatch gives it another port where a guess is taken: it would ask a person in a terminal, or its command says
   * where the port goes.
   */
  readonly givesPort?: true;
  /** Where the project may say the port, for `Workspace.seePort`. */
  readonly portPlaces?: PortPlaces;
  /**
   * What to append to `command`, followed by a port, so that the framework takes that port. Empty where nothing
   * appended would reach the server; then only `PORT` can tell it.
   */
  readonly portArguments?: readonly string[];
  /** Id of the framework (`next`, `vite`, `expo`, …) where detection recognised one. */
  readonly framework?: string;
  readonly packageManager?: PackageManager;
  /** The package script the command stands for, e.g. `dev`. */
  readonly script?: string;
  /** `undefined`: any HTTP answer of a listener of its own tree means ready; a stranger on the port never does. */
  readonly ready?: ReadyProbe;
  readonly stopSignal: StopSignal;
  /** Time between the stop signal and SIGKILL, in milliseconds. */
  readonly stopTimeoutMs: number;
  readonly restart: RestartPolicy;
  readonly stopWhenUnused: StopWhenUnused | false;
  /** The same for a server that an agent had started, and no person used; absent where that, too, stays. */
  readonly stopAfterAgents?: StopWhenUnused;
  readonly limits?: Limits;
  /** Apps that must be ready before it is started. */
  readonly dependsOn?: readonly AppName[];
  /** Set where it isn't Devlatch's to start or stop, only to wait for: `command` is empty then. */
  readonly external?: External;
  /** Set where its command is to end, instead of to serve: it has no port. */
  readonly task?: Task;
  /** Where the command comes from. */
  readonly source: "explicit" | "config" | "detected";
  /** The file of an agent's that names it, relative to the root (`.claude/launch.json`). */
  readonly from?: string;
  /** What the caller should hear, in one line: configuration that was ignored. */
  readonly notice?: string;
}

export const PackageManager = z.enum(["npm", "pnpm", "yarn", "bun"]);
export type PackageManager = z.infer<typeof PackageManager>;

/** What a command line stands for (`devlatch detect`). */
export const Detection = z.object({
  devServer: z.boolean(),
  /** The app it would be: `mobile` for Expo, React Native and Metro, else `web`. */
  app: AppName.optional(),
  framework: z.string().optional(),
  port: Port.optional(),
  packageManager: PackageManager.optional(),
  script: z.string().optional(),
  /** What the caller should hear beside that, in one line: configuration that was ignored. */
  notice: z.string().optional(),
});
export type Detection = z.infer<typeof Detection>;
