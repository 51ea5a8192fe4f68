import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, startProgram } from "./child.ts";
import { freePort } from "./ports.ts";
import { waitFor } from "./wait.ts";

export interface RedisServerOptions {
  /** Password of the default user. */
  readonly password?: string;
  /** Further words of redis-server's command line, e.g. `["--cluster-enabled", "yes"]`. */
  readonly args?: readonly string[];
}

/** A Redis of this test alone: free port, own temporary directory, nothing kept on disk. */
export interface RedisServer {
  readonly port: number;
  /** Path of its unix socket. */
  readonly socket: string;
  /** With the password, if there is one. */
  readonly url: string;
  readonly pid: number;
  /** One command from outside the code under test. @returns the answer's first line, e.g. `+OK` */
  command(...words: readonly string[]): Promise<string>;
  /** The same for commands that answer with a text of many lines. */
  text(...words: readonly string[]): Promise<string>;
  /** SIGSTOP: the kernel goes on accepting connections, no answer comes. */
  pause(): void;
  resume(): void;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts again on the same port, empty. */
  restart(): Promise<void>;
  /** Ends it, in whatever state it is, and removes its directory. */
  stop(): Promise<void>;
}

/** Starts Debian's redis-server and waits until it answers. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-redis-"));
  const socket = join(directory, "redis.sock");
  const port = await freePort();
  let running = await launch(port, directory, socket, options).catch(async (error) => {
    await rm(directory, { recursive: true, force: true });
    throw error;
  });
  const command = (...words: readonly string[]) => ask(socket, options.password, words, false);
  const text = (...words: readonly string[]) => ask(socket, options.password, words, true);
  const kill = async () => {
    running.process.kill("SIGKILL");
    await running.finished(10_000);
  };
  return {
    port,
    socket,
    url: `redis://${options.password ? `:${options.password}@` : ""}127.0.0.1:${port}`,
    get pid() {
      return running.pid;
    },
    command,
    text,
    pause: () => void running.process.kill("SIGSTOP"),
    resume: () => void running.process.kill("SIGCONT"),
    kill,
    restart: async () => {
      await kill();
      running = await launch(port, directory, socket, options);
    },
    stop: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function launch(
  port: number,
  directory: string,
  socket: string,
  options: RedisServerOptions,
): Promise<Running> {
  const settings = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--unixsocket",
    socket,
    "--dir",
    directory,
  ];
  const password = options.password === undefined ? [] : ["--requirepass", options.password];
  const volatile = ["--save", "", "--appendonly", "no"];
  const words = [...settings, ...volatile, ...password, ...(options.args ?? [])];
  const running = await startProgram("redis-server", words);
  await running.printed(/Ready to accept connections/);
  await waitFor(
    "Redis to answer",
    async () => (await ask(socket, options.password, ["PING"], false)) === "+PONG",
  );
  return running;
}

/**
 * The answer to one command, over a connection of its own: its first line, or the text it holds.
 * @param address path of a socket, or a port
 */
export function ask(
  address: string | number,
  password: string | undefined,
  words: readonly string[],
  isText: boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection =
      typeof address === "number" ? createConnection(address, "127.0.0.1") : createConnection(address);
    const login = password === undefined ? [] : [encode(["AUTH", password])];
    let received = "";
    connection.on("error", reject);
    connection.on("close", () => reject(new Error(`Redis closed the connection: ${received}`)));
    connection.on("data", (data) => {
      received += data.toString();
      const [first, ...rest] = received.split("\r\n").slice(login.length);
      if (first === undefined || rest.length === 0) return;
      const text = rest.join("\r\n");
      if (isText && Buffer.byteLength(text) < Number(first.slice(1))) return;
      connection.destroy();
      resolve(isText ? text : first);
    });
    connection.write([...login, encode(words)].join(""));
  });
}

/** https://redis.io/docs/latest/develop/reference/protocol-spec/ */
function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
}
