import { servedByProxy } from "./containers.ts";
import { countDescriptors, readCommandLine, readDescriptors, readPids, readStat } from "./proc-files.ts";
import type { TcpSocket } from "./proc-net.ts";

/** Which of the sockets each process has open. */
export type SocketOwners = ReadonlyMap<number, readonly TcpSocket[]>;

/**
 * Every process (of `pids`, if given) that holds one of the sockets, found by its open descriptors. Processes of other
 * users stay hidden unless this one is root.
 */
export function findSocketOwners(
  sockets: readonly TcpSocket[],
  pids: readonly number[] = readPids(),
): SocketOwners {
  return new Search(sockets).everywhere(pids);
}

/**
 * The same for a few sockets, without looking at every process: from the highest pid down until each socket has an
 * owner, and on to the leaders of the owners' sessions, for a second owner comes from a fork and is of the same
 * family. (Each socket of an SO_REUSEPORT group counts for itself, so all of them are found.) Where an owner stays
 * hidden this looks everywhere. Processes with no more descriptors than standard input and output come last, if at all.
 * What it can miss: a co-owner in a strange session that was handed the descriptor, or one with hardly any other.
 */
export function findSocketOwnersFast(sockets: readonly TcpSocket[]): SocketOwners {
  return new Search(sockets).fromHighest(readPids());
}

/**
 * Docker's proxies that serve these sockets, by what their command lines say. They are root's, so their descriptors
 * are hidden from other users; command lines aren't.
 */
export function findProxies(hidden: readonly TcpSocket[]): SocketOwners {
  const owners = new Map<number, readonly TcpSocket[]>();
  for (const pid of hidden.length === 0 ? [] : readPids()) {
    const served = servedByProxy(readCommandLine(pid) ?? "");
    const own = hidden.filter(({ address, port }) => served?.address === address && served.port === port);
    if (own.length > 0) owners.set(pid, own);
  }
  return owners;
}

/** Standard input, output and error, and a socket. */
const manyDescriptors = 4;

class Search {
  readonly #byTarget: ReadonlyMap<string, TcpSocket>;
  readonly #missing: Set<TcpSocket>;
  /** Pid of the oldest leader of an owner's session. */
  #lowest = Number.POSITIVE_INFINITY;
  readonly #owners = new Map<number, readonly TcpSocket[]>();

  constructor(sockets: readonly TcpSocket[]) {
    this.#byTarget = new Map(sockets.map((socket) => [`socket:[${socket.inode}]`, socket]));
    this.#missing = new Set(sockets);
  }

  everywhere(pids: readonly number[]): SocketOwners {
    for (const pid of pids) this.#visit(pid);
    return this.#owners;
  }

  fromHighest(pids: readonly number[]): SocketOwners {
    const unlikely: number[] = [];
    for (const pid of pids.toSorted((a, b) => b - a)) {
      if (this.#missing.size === 0 && pid < this.#lowest) break;
      if ((countDescriptors(pid) ?? manyDescriptors) < manyDescriptors) unlikely.push(pid);
      else this.#visit(pid);
    }
    for (const pid of unlikely) {
      if (this.#missing.size === 0) break;
      this.#visit(pid);
    }
    return this.#owners;
  }

  #visit(pid: number): void {
    const owned = new Set<TcpSocket>();
    for (const target of readDescriptors(pid)) {
      const socket = this.#byTarget.get(target);
      if (socket === undefined) continue;
      owned.add(socket);
      this.#missing.delete(socket);
    }
    if (owned.size === 0) return;
    this.#owners.set(pid, [...owned]);
    // 0: the session's leader is outside this pid namespace.
    this.#lowest = Math.min(this.#lowest, readStat(pid)?.sid || pid);
  }
}
