import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StartRequest } from "../../../daemon/sessions/start.ts";
import type { Target } from "../../../daemon/sessions/target.ts";
import type { AppPlan } from "../../../shared/model/app.ts";
import { recordPrefix, sessionKey } from "../../../shared/model/keys.ts";
import { repository } from "../../support/paths.ts";
import { endProcesses, isLeader, processesWith, type SeenProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";

/** The environment that names the project of everything an app starts. */
export const projectVariable = "TEST_PROJECT";
const devServer = [process.execPath, join(repository, "test/fixtures/servers/dev-server.mjs")];

/** An app in a directory and a sandbox of its own. */
export class TestApp {
  readonly target: Target;

  constructor(target: Target) {
    this.target = target;
  }

  get port(): number {
    return this.target.plan.port;
  }

  get cwd(): string {
    return this.target.plan.cwd;
  }

  /** The same app, planned another way. */
  planned(plan: Partial<AppPlan>): TestApp {
    return new TestApp({ ...this.target, plan: { ...this.target.plan, ...plan } });
  }

  /** Makes an empty file in the app's directory. */
  put(file: string): void {
    this.write(file, "");
  }

  write(file: string, text: string): void {
    const path = join(this.cwd, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  remove(file: string): void {
    rmSync(join(this.cwd, file));
  }

  /** The text of a file in the app's directory; undefined where there is none. */
  read(file: string): string | undefined {
    const path = join(this.cwd, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  /** Pids of all servers that were ever spawned, by what the dev server notes. */
  spawned(): number[] {
    return (this.read("spawned") ?? "").split("\n").filter(Boolean).map(Number);
  }

  /** The first launch. */
  launched(): Promise<number> {
    return waitFor("the launch", () => this.spawned()[0]);
  }

  /** The living processes of its launches. */
  living(): SeenProcess[] {
    return this.all().filter(({ command }) => !isLeader({ command }));
  }

  /** The same with the leaders of their terminals. */
  all(): SeenProcess[] {
    return processesWith(projectVariable, this.cwd);
  }

  /** What answers on the port; undefined where nothing does. */
  async answer(path = "/", port = this.port): Promise<string | undefined> {
    try {
      return await (await fetch(`http://localhost:${port}${path}`)).text();
    } catch {
      return undefined;
    }
  }

  /** Ends whatever is left of it, however it was started. */
  async end(): Promise<void> {
    await endProcesses(() => this.all(), 0);
  }
}

/** An app whose server is the dev server of the fixtures. @param directory where its project is made */
export function createApp(directory: string, port: number, plan: Partial<AppPlan> = {}): TestApp {
  mkdirSync(directory);
  const sandboxId = `box-${directory.split("/").at(-1)}`;
  return new TestApp({
    sandboxId,
    root: directory,
    asked: { cwd: directory },
    plan: {
      app: "web",
      cwd: directory,
      command: devServer,
      env: {},
      port,
      portExplicit: true,
      stopSignal: "SIGTERM",
      stopTimeoutMs: 1_000,
      restart: "never",
      stopWhenUnused: false,
      source: "config",
      ...plan,
    },
  });
}

export function keyOf({ target }: TestApp): string {
  return sessionKey({ sandboxId: target.sandboxId, app: target.plan.app });
}

/** Where the store has the session's record. */
export function recordKeyOf(app: TestApp): string {
  return `${recordPrefix("session")}${keyOf(app)}`;
}

/** A start as a caller asks for it: the one place where these tests build it. */
export function request({ cwd }: TestApp, more: Partial<StartRequest> = {}): StartRequest {
  return {
    onConflict: "fail",
    consent: [],
    callerEnvironment: { PATH: process.env["PATH"] ?? "", [projectVariable]: cwd },
    wait: true,
    timeoutMs: 120_000,
    signal: new AbortController().signal,
    progress: () => {},
    ...more,
  };
}
