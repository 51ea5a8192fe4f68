import { networkInterfaces } from "node:os";

/** An IPv4 address that a socket of IPv6 shows as `::ffff:127.0.0.1`, as itself; others as they are. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}

/** @returns whether an address is one of this machine */
export function localAddresses(): (address: string) => boolean {
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
  );
  return (address) => {
    const plain = unmapped(address);
    // All of 127.0.0.0/8 is this machine, though its interface has one of them.
    return plain.startsWith("127.") || plain === "::1" || own.has(plain);
  };
}
