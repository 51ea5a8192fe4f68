import { join } from "node:path";
import { ThreadReader } from "../../../daemon/threads/reader.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import { connectTo, homeOf } from "../../support/daemon.ts";
import { createHome, type TestHome } from "../../support/home.ts";
import type { Owner } from "../../support/owner.ts";
import { freePort, isPortFree } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";
import { BareServer } from "./bare.ts";
import type { Program } from "./programs.ts";

/** A project whose server is started and stopped by a daemon of its own over one open connection, or bare. */
export class Place {
  readonly cwd: string;
  readonly port: number;
  readonly connection: Connection;
  readonly #program: Program;
  readonly #home: TestHome;
  #launched: readonly string[] | undefined;

  private constructor(
    program: Program,
    parts: { cwd: string; port: number; connection: Connection; home: TestHome },
  ) {
    this.#program = program;
    this.cwd = parts.cwd;
    this.port = parts.port;
    this.connection = parts.connection;
    this.#home = parts.home;
  }

  static async open(program: Program, owner: Owner): Promise<Place> {
    const home = createHome(owner);
    const cwd = await prepareProject(program.project, owner);
    const connection = await connectTo(home);
    owner.after(() => connection.dispose());
    return new Place(program, { cwd, port: await freePort(), connection, home });
  }

  /** @returns milliseconds from asking the daemon to its answer that the server is ready */
  async start(): Promise<number> {
    const begun = performance.now();
    const result = await this.ask();
    const elapsed = performance.now() - begun;
    if (result.outcome !== "started") throw new Error(`It was ${result.outcome}, not started`);
    this.#launched ??= this.#commandOf(result);
    return elapsed;
  }

  /** `session/start`, as a client of this project asks it. */
  ask(): Promise<StartResult> {
    const { app } = this.#program;
    const env = callerEnv(this.#home, this.#program.env);
    return this.connection.request("session/start", { cwd: this.cwd, app, port: this.port, env });
  }

  /** @returns milliseconds from asking the daemon to its answer that everything is gone and the port can be bound */
  async stop(): Promise<number> {
    const begun = performance.now();
    const { outcome } = await this.connection.request("session/stop", {
      cwd: this.cwd,
      app: this.#program.app,
    });
    const elapsed = performance.now() - begun;
    if (outcome !== "stopped" || !(await isPortFree(this.port))) throw new Error("It isn't stopped");
    return elapsed;
  }

  /** The command that the daemon ran last, in the same directory and on the same port. */
  startBare(): Promise<BareServer> {
    const { cwd, port } = this;
    if (this.#launched === undefined) throw new Error("What runs is known only after a start by the daemon");
    const env = { ...callerEnv(this.#home, this.#program.env), PORT: String(port) };
    return BareServer.start({ command: this.#launched, cwd, env, port, path: this.#program.path });
  }

  #commandOf({ sandboxId, session }: StartResult): readonly string[] {
    const { sessionsDirectory } = homeOf(this.#home);
    const reader = new ThreadReader(join(sessionsDirectory, sandboxId, session, "thread.db"));
    try {
      return reader.lastLaunch()?.command ?? [];
    } finally {
      reader.dispose();
    }
  }
}

/** A caller's environment with the home in it: whatever fails, what was started for it ends with it. */
export function callerEnv(home: TestHome, extra: NodeJS.ProcessEnv = {}): Record<string, string> {
  const set = Object.entries(home.env(extra)).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(set);
}
