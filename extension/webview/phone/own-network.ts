import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import type { OwnAddress } from "./address.ts";

/** How long the machine's own port may take to accept, in milliseconds. */
const acceptsWithinMs = 1_500;

/** Addresses of this machine in its networks; those without a network (169.254) left out. */
export function ownAddresses(): readonly OwnAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ family, internal, address }) =>
      family === "IPv4" && !internal && !address.startsWith("169.254.") ? [{ name, address }] : [],
    ),
  );
}

/** Whether a port of this machine takes connections at one of its addresses. Nothing is sent. */
export function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const done = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(acceptsWithinMs, () => done(false));
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}
