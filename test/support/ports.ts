import { once } from "node:events";
import { createServer, type Server } from "node:net";

/**
 * Each process that asks for ports has a block of its own, so that test files run beside each other, also those of
 * another checkout. The first port of a block is its lock: the process listens there for as long as it lives. The
 * blocks are below what systems hand out by themselves (Linux from 32768, others from 49152).
 */
const blocks = { first: 10_240, count: 56, size: 400 };

/** So many ports of a block are handed out; those behind them are for a server that takes the next free one. */
const handed = 199;

/** From one port handed out to the next, so that the one above a port in use is seldom given away. */
const stride = 20;

let block: Promise<number> | undefined;
let asked = 0;

/** A TCP port that no other process of the tests is given, and no process listens on now. */
export async function freePort(): Promise<number> {
  block ??= takeBlock();
  const first = (await block) + 1;
  for (let tries = 0; tries < handed; tries++) {
    const port = first + ((asked++ * stride) % handed);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`None of the ports from ${first} is free.`);
}

/** @returns the block's first port, on which this process listens from now on */
async function takeBlock(): Promise<number> {
  for (let tries = 0; tries < blocks.count; tries++) {
    const port = blocks.first + ((process.pid + tries) % blocks.count) * blocks.size;
    const lock = await bind(port).catch(() => undefined);
    lock?.unref();
    if (lock) return port;
  }
  throw new Error("Every block of ports is taken by another process.");
}

/** Whether a server could bind this port on every address, as a dev server does. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "0.0.0.0", "::"]) {
    try {
      await close(await bind(port, host));
    } catch (error) {
      if (errorCode(error) !== "EAFNOSUPPORT" && errorCode(error) !== "EADDRNOTAVAIL") return false;
    }
  }
  return true;
}

/** Occupies a port, a free one unless told, with a listener of this very process, as a stranger would. */
export async function occupyPort(wished?: number): Promise<{ port: number; release: () => Promise<void> }> {
  const port = wished ?? (await freePort());
  const server = await bind(port);
  return { port, release: () => close(server) };
}

async function bind(port: number, host = "127.0.0.1"): Promise<Server> {
  const server = createServer();
  server.listen({ port, host, ...(host === "::" ? { ipv6Only: true } : {}) });
  await once(server, "listening");
  return server;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, "close");
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
