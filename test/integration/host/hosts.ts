import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HostReport, type HostSpec } from "../../../daemon/host/protocol.ts";
import { connectHost, type HostConnection } from "../../../daemon/hosts/client.ts";
import { createProcesses } from "../../../daemon/processes/create-processes.ts";
import { terminateTree } from "../../../daemon/processes/terminate.ts";
import { ThreadReader } from "../../../daemon/threads/reader.ts";
import { until } from "../../../shared/base/deadline.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { cookieVariable } from "../../../shared/model/marks.ts";
import type { Owner } from "../../support/owner.ts";
import { hostProgram } from "../../support/paths.ts";
import { patienceMs } from "../../support/wait.ts";

export const processes = createProcesses();

/** One session's directory and the hosts that are started for it; everything ends with the owner. */
export class HostBench {
  readonly directory = mkdtempSync(join(tmpdir(), "devlatch-host-"));
  readonly launchId = randomToken();
  readonly reader = new ThreadReader(join(this.directory, "thread.db"));
  readonly #children = new Set<ChildProcess>();
  readonly #connections: HostConnection[] = [];

  constructor(owner: Owner) {
    owner.after(() => this.#end());
  }

  spec(command: readonly string[], more: Partial<HostSpec> = {}): HostSpec {
    return {
      session: "dev_server_web",
      launchId: this.launchId,
      fence: 7,
      command: [...command],
      cwd: this.directory,
      env: { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8" },
      columns: 80,
      rows: 24,
      directory: this.directory,
      ...more,
    };
  }

  /** Starts a host process as the daemon does. */
  async start(spec: HostSpec, argv?: readonly string[]): Promise<HostReport> {
    return HostReport.parse(JSON.parse(await this.startWith(JSON.stringify(spec), argv)));
  }

  /** Starts a host with this text on its standard input. @returns what it wrote on its standard output */
  async startWith(input: string, argv: readonly string[] = [process.execPath, hostProgram]): Promise<string> {
    const [file = "", ...args] = argv;
    const child = spawn(file, args, { detached: true, stdio: ["pipe", "pipe", "inherit"], cwd: tmpdir() });
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    let output = "";
    for await (const piece of child.stdout) output += piece;
    return output;
  }

  async connect(): Promise<HostConnection> {
    const connection = await connectHost(this.directory);
    this.#connections.push(connection);
    return connection;
  }

  /** All messages, read page by page. */
  async messages(): Promise<string[]> {
    const texts: string[] = [];
    for (let cursor = 0; ; ) {
      const { messages, next } = await this.reader.page({ cursor, limit: 5000 });
      if (messages.length === 0) return texts;
      texts.push(...messages.map(({ text }) => text));
      cursor = next;
    }
  }

  /** Waits until the launch has ended and its host has said so. */
  async exit() {
    return eventually(() => this.reader.launch(this.launchId)?.end?.exit);
  }

  /** Members of the launch's tree, whichever process spawned them. */
  async members() {
    const self = await processes.identify(process.pid);
    const leader = { pid: -1, startTime: self?.startTime ?? "" };
    const found = await processes.members({ leader, cookie: this.launchId });
    return found.filter(({ pid }) => pid !== process.pid);
  }

  /** Files in the session's directory. */
  files(): string[] {
    return existsSync(this.directory) ? readdirSync(this.directory).sort() : [];
  }

  async #end(): Promise<void> {
    for (const connection of this.#connections) connection.dispose();
    this.reader.dispose();
    for (const member of await this.members()) {
      await terminateTree(
        processes,
        { leader: member, cookie: this.launchId },
        { signal: "SIGKILL", timeoutMs: 0 },
      );
    }
    const children = [...this.#children];
    for (const child of children) child.kill("SIGTERM");
    await eventually(() =>
      children.every(({ exitCode, signalCode }) => exitCode !== null || signalCode) ? true : undefined,
    );
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Waits for a condition that can't be subscribed to, at most `ms` milliseconds. */
export function eventually<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  ms = patienceMs,
): Promise<T> {
  return until(probe, { intervalMs: 10, signal: AbortSignal.timeout(ms) });
}

/** Resident memory of a process, in bytes (Linux). */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

export { cookieVariable };
