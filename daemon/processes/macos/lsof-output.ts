/** Reading `lsof -F` (lsof(8), "OUTPUT FOR OTHER PROGRAMS"): one field a line, the first character names it. */

/** A listening socket as lsof has it, or a client's with the address and port it is connected to. */
export interface LsofSocket {
  readonly pid: number;
  readonly address: string;
  readonly port: number;
}

/** The fields that the parsers need: pid, descriptor, type, name. */
export const lsofFields = "-Fpftn";

/** Parses `lsof -nP -iTCP -sTCP:LISTEN -Fpftn`. A process that has one socket in several descriptors counts once. */
export function parseLsofListeners(text: string): LsofSocket[] {
  const found = new Map<string, LsofSocket>();
  let pid = 0;
  let ipv6 = false;
  for (const line of text.split("\n")) {
    const value = line.slice(1).trimEnd();
    if (line[0] === "p") pid = Number(value);
    else if (line[0] === "t") ipv6 = value === "IPv6";
    else if (line[0] === "n") {
      const listener = parseName(value, ipv6);
      if (listener !== undefined) found.set(`${pid} ${value} ${ipv6}`, { pid, ...listener });
    }
  }
  return [...found.values()];
}

/** `127.0.0.1:3000`, `[::1]:3000`, `*:3000`. A client's name has an arrow; it is no listener. */
function parseName(name: string, ipv6: boolean): { address: string; port: number } | undefined {
  const [, host, port] = /^(.+):(\d+)$/.exec(name) ?? [];
  if (host === undefined || name.includes("->")) return undefined;
  const any = ipv6 ? "::" : "0.0.0.0";
  return { address: host === "*" ? any : host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

/** Parses `lsof -nP -iTCP:PORT -sTCP:ESTABLISHED -Fpftn`: who is connected to that port, and where that is. */
export function parseLsofClients(text: string, port: number): LsofSocket[] {
  const found = new Map<string, LsofSocket>();
  let pid = 0;
  for (const line of text.split("\n")) {
    if (line[0] === "p") pid = Number(line.slice(1));
    if (line[0] !== "n") continue;
    const [, own, host = "", remotePort] = /^n(.+)->(.+):(\d+)$/.exec(line.trimEnd()) ?? [];
    if (Number(remotePort) !== port) continue;
    // One connection in several descriptors counts once.
    found.set(`${pid} ${own}`, { pid, address: host.replace(/^\[(.*)\]$/, "$1"), port });
  }
  return [...found.values()];
}

/** The directory in what `lsof -a -d cwd -p PID -Fpftn` prints. */
export function parseLsofCwd(text: string): string | undefined {
  return /^n(.+)$/m.exec(text)?.[1];
}
