import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildWaitResult } from "../../shared/protocol/builds.ts";
import { type CliResult, runCli } from "./cli.ts";
import type { TestHome } from "./home.ts";
import { isPortFree } from "./ports.ts";
import { describeProcesses, processesIn } from "./processes.ts";

/** What `start --json` prints, as far as cases look at it. */
export interface Started {
  readonly outcome: "started" | "reused" | "adopted";
  readonly pid: number;
  readonly port: number;
  readonly url: string;
}

/** What `wait --json` prints, with the exit code. */
export interface Waited extends BuildWaitResult {
  readonly code: number | null;
  /** `file:line message` of the first error; empty where there is none. */
  readonly first: string;
}

/** A developer at the command line, in one project. */
export class Developer {
  readonly directory: string;
  readonly #home: TestHome;
  readonly #env: NodeJS.ProcessEnv;

  /** @param env beyond a user's environment */
  constructor(home: TestHome, directory: string, env: NodeJS.ProcessEnv = {}) {
    this.#home = home;
    this.directory = directory;
    this.#env = env;
  }

  /** The same home and project, another environment. */
  as(env: NodeJS.ProcessEnv): Developer {
    return new Developer(this.#home, this.directory, { ...this.#env, ...env });
  }

  /** Types `devlatch WORDS…`, of which nothing is expected. */
  types(...words: string[]): Promise<CliResult> {
    const split = words.indexOf("--");
    const at = split === -1 ? words.length : split;
    const all = [...words.slice(0, at), "--cwd", this.directory, ...words.slice(at)];
    return runCli(all, { home: this.#home, env: this.#env, cwd: this.directory });
  }

  /** The document that `devlatch WORDS… --json` prints. @throws AssertionError where the exit code isn't 0 */
  async asks<T>(...words: string[]): Promise<T> {
    const split = words.indexOf("--");
    const at = split === -1 ? words.length : split;
    const result = await this.types(...words.slice(0, at), "--json", ...words.slice(at));
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result.json as T;
  }

  start(app: string, ...more: string[]): Promise<Started> {
    return this.asks<Started>("start", app, ...more);
  }

  async wait(app: string, ...more: string[]): Promise<Waited> {
    const result = await this.types("wait", app, ...more, "--json");
    const answer = result.json as BuildWaitResult;
    const [error] = answer.errors ?? [];
    const first = error ? `${error.place?.file ?? "?"}:${error.place?.line ?? "?"} ${error.message}` : "";
    return { ...answer, code: result.code, first };
  }

  /** What its server wrote, as `logs` shows it. */
  async logs(app: string): Promise<string> {
    return (await this.types("logs", app, "--limit", "5000")).stdout;
  }

  /** Puts a file into the project. */
  put(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  /** Stops an app, of which nothing may be left: no process in the project, no listener on these ports. */
  async stopsWhole(app: string, ...ports: number[]): Promise<void> {
    const { code, stdout, stderr } = await this.types("stop", app, "--yes");
    assert.equal(code, 0, stdout + stderr);
    for (const port of ports) assert.ok(await isPortFree(port), `port ${port} is free`);
    assert.equal(describeProcesses(processesIn(this.directory)), "", "nothing of the project runs");
  }
}
