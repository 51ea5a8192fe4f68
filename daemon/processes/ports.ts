import { createServer } from "node:net";
import { pause } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";
import { SingleFlight } from "../../shared/base/single-flight.ts";

/**
 * All of them are tried: a server on `::1` alone leaves `127.0.0.1` bindable, and macOS lets a wildcard bind beside a
 * specific address.
 */
const addresses = ["127.0.0.1", "::1", "0.0.0.0", "::"] as const;
export const lastPort = 65_535;
/** Another process may be trying the same port at this very moment, which takes it well under a millisecond. */
const attempts = 3;

const probes = new SingleFlight<boolean>();
const never = new AbortController().signal;

/**
 * Whether a server could listen on this port now, on every local address: 127.0.0.1, ::1 (where there is IPv6),
 * 0.0.0.0 and ::. Callers that ask at the same time share one answer, for two attempts would be in each other's way.
 * @param port 1 to 65535
 */
export function canBind(port: number): Promise<boolean> {
  return probes.run(String(port), () => tryAll(port));
}

/**
 * The first bindable port from `from` upward that isn't in `avoid`.
 * @throws DevlatchError `PORT_CONFLICT` when there is none; the signal's reason
 */
export async function findFreePort(
  from: number,
  avoid: ReadonlySet<number> = new Set(),
  signal: AbortSignal = never,
): Promise<number> {
  for (let port = Math.max(1, from); port <= lastPort; port++) {
    signal.throwIfAborted();
    if (!avoid.has(port) && (await canBind(port))) return port;
  }
  throw new DevlatchError(
    "PORT_CONFLICT",
    `No port from ${from} to ${lastPort} is free.`,
    "Choose a lower port with --port, or end servers that are no longer needed.",
  );
}

async function tryAll(port: number): Promise<boolean> {
  for (const address of addresses) if (!(await tryAddress(port, address))) return false;
  return true;
}

async function tryAddress(port: number, address: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    const code = await tryOnce(port, address);
    if (code === undefined) return true;
    // No such address on this machine (IPv6 off, no loopback for it): no listener can be in the way there.
    if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT" || code === "EINVAL") return true;
    if (code !== "EADDRINUSE" || attempt === attempts) return refuse(code);
    await pause(1 + Math.random() * 3, never);
  }
}

/** @returns undefined if it could be bound (and was released again), else the error's code */
function tryOnce(port: number, host: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = createServer();
  server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  // Exclusive: in a cluster's worker the primary would otherwise hand out its own socket.
  server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  return promise;
}

/** In use or not permitted: the port can't be bound. Anything else (no descriptors left) says nothing about it. */
function refuse(code: string): false {
  if (code === "EADDRINUSE" || code === "EACCES") return false;
  throw new DevlatchError(
    "INTERNAL",
    `Whether a port is free could not be found out (${code}).`,
    "Close programs that hold many files or connections open, then try again.",
  );
}
