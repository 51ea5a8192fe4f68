import { once } from "node:events";
import { createServer, type Server } from "node:net";

/** A TCP port nobody listens on now. Somebody may take it before you do: ask just before use. */
export async function freePort(): Promise<number> {
  const { server, port } = await bind(0);
  await close(server);
  return port;
}

/** Whether a server could bind this port on every address, as a dev server does. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "0.0.0.0", "::"]) {
    try {
      await close((await bind(port, host)).server);
    } catch (error) {
      if (errorCode(error) !== "EAFNOSUPPORT" && errorCode(error) !== "EADDRNOTAVAIL") return false;
    }
  }
  return true;
}

/** Occupies a port with a listener of this very process, as a stranger would. */
export async function occupyPort(port = 0): Promise<{ port: number; release: () => Promise<void> }> {
  const { server, port: real } = await bind(port);
  return { port: real, release: () => close(server) };
}

async function bind(port: number, host = "127.0.0.1"): Promise<{ server: Server; port: number }> {
  const server = createServer();
  server.listen({ port, host, ...(host === "::" ? { ipv6Only: true } : {}) });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server without a port");
  return { server, port: address.port };
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  await once(server, "close");
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
