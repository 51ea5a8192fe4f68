import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Finding } from "../../../shared/model/doctor.ts";
import type { SessionView } from "../../../shared/model/session.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { type CliResult, runCli } from "../../support/cli.ts";
import { createHome, type TestHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { seeProcess } from "../../support/processes.ts";
import { prepareProject } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";

/** What `devlatch doctor --json` prints, as far as tests look at it. */
export interface DoctorResult {
  readonly findings: readonly Finding[];
  readonly fixes?: readonly { readonly id: string; readonly outcome: string; readonly error?: object }[];
}

/** A home with a project whose server can be started, and the doctor for it. */
export class Patient {
  readonly home: TestHome;
  readonly cwd: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(home: TestHome, cwd: string, env: NodeJS.ProcessEnv) {
    this.home = home;
    this.cwd = cwd;
    this.#env = env;
  }

  static async create(t: TestContext, env: NodeJS.ProcessEnv = {}): Promise<Patient> {
    const home = createHome(t);
    const cwd = await prepareProject("plain", t);
    const apps = { web: { port: await freePort() } };
    await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps }));
    return new Patient(home, cwd, env);
  }

  cli(...args: readonly string[]): Promise<CliResult> {
    return runCli([...args, "--cwd", this.cwd, "--json"], { home: this.home, env: this.#env });
  }

  async ok<T>(...args: readonly string[]): Promise<T> {
    const result = await this.cli(...args);
    assert.equal(result.code, 0, result.stdout + result.stderr);
    return result.json as T;
  }

  async session(): Promise<SessionView> {
    const [session] = (await this.ok<StatusResult>("status")).sessions;
    assert.ok(session);
    return session;
  }

  /** Where the session's files are. */
  async directory(): Promise<string> {
    const { sandboxId, session } = await this.session();
    return join(this.home.directory, "sessions", sandboxId, session);
  }

  async doctor(...flags: readonly string[]): Promise<DoctorResult> {
    return (await this.cli("doctor", ...flags)).json as DoctorResult;
  }

  /** The findings that the doctor could fix. */
  async leftovers(): Promise<readonly Finding[]> {
    return (await this.doctor()).findings.filter(({ fix }) => fix !== undefined);
  }

  /** The one leftover there is, which must be of this check. */
  async leftover(check: string): Promise<Finding> {
    const found = await this.leftovers();
    assert.deepEqual(
      found.map((finding) => finding.check),
      [check],
      JSON.stringify(found, null, 2),
    );
    return found[0] as Finding;
  }

  /** Has everything fixed; nothing that could be fixed may be left. */
  async fixAll(): Promise<void> {
    const { fixes = [], findings } = await this.doctor("--fix", "--yes");
    assert.ok(fixes.length > 0, "something was fixed");
    assert.deepEqual(
      fixes.filter(({ outcome }) => outcome !== "fixed"),
      [],
    );
    assert.deepEqual(
      findings.filter(({ fix }) => fix !== undefined),
      [],
    );
  }

  /** Ends the daemon as an orderly stop does, and waits until its process is gone. */
  async stopDaemon(): Promise<void> {
    const daemon = seeProcess(this.home.daemonPid() ?? -1);
    await this.ok("daemon", "stop");
    await waitFor(
      "the daemon to be gone",
      () => seeProcess(daemon?.pid ?? -1)?.startTime !== daemon?.startTime,
    );
  }
}
