import { SingleFlight } from "../../shared/base/single-flight.ts";
import type { HiddenListener, Listener, PortClient, ProcessIdentity } from "../../shared/model/process.ts";
import type { LinuxIdentities } from "./linux-identities.ts";
import { localAddresses } from "./local-addresses.ts";
import { readCwd, readPids, readStat } from "./proc-files.ts";
import { readClientSockets, readListeningSockets, type TcpSocket } from "./proc-net.ts";
import { queryListeningSockets } from "./sock-diag.ts";
import { findProxies, findSocketOwners, findSocketOwnersFast, type SocketOwners } from "./socket-owners.ts";
import { userName } from "./users.ts";

/** Sockets and who has them, through netlink and /proc; each method is that of `Processes`. */
export class LinuxSockets {
  readonly #identities: LinuxIdentities;
  readonly #queries = new SingleFlight<readonly TcpSocket[] | undefined>();

  constructor(identities: LinuxIdentities) {
    this.#identities = identities;
  }

  async listeners(port?: number, isNear?: (cwd: string) => boolean): Promise<readonly Listener[]> {
    const all = (await queryListeningSockets()) ?? readListeningSockets(port);
    const sockets = port === undefined ? all : all.filter((socket) => socket.port === port);
    if (sockets.length === 0) return [];
    if (port === undefined) return this.#listenersIn(findSocketOwners(sockets, pidsIn(isNear)));
    const owners = findSocketOwnersFast(sockets);
    const seen = new Set([...owners.values()].flat());
    const hidden = sockets.filter((socket) => !seen.has(socket));
    return [...this.#listenersIn(owners), ...this.#listenersIn(findProxies(hidden))];
  }

  async hiddenListeners(port: number): Promise<readonly HiddenListener[]> {
    const all = (await queryListeningSockets()) ?? readListeningSockets(port);
    const sockets = all.filter((socket) => socket.port === port);
    if (sockets.length === 0) return [];
    const seen = new Set([...findSocketOwners(sockets).values()].flat());
    const hidden = sockets.filter((socket) => !seen.has(socket));
    const proxied = new Set([...findProxies(hidden).values()].flat());
    return hidden
      .filter((socket) => !proxied.has(socket))
      .map(({ address, uid }) => ({ port, address, user: userName(uid) }));
  }

  async listenersOf(processes: readonly ProcessIdentity[]): Promise<readonly Listener[]> {
    const sockets = (await queryListeningSockets()) ?? readListeningSockets();
    if (sockets.length === 0) return [];
    const living = processes.filter((process) => this.#identities.isAlive(process)).map(({ pid }) => pid);
    return this.#listenersIn(findSocketOwners(sockets, living));
  }

  async listenersMark(port?: number): Promise<string | undefined> {
    // Asked for all ready servers in the same turn: the kernel tells them all at once.
    const sockets = await this.#queries.run("listening", queryListeningSockets);
    const wanted = port === undefined ? sockets : sockets?.filter((socket) => socket.port === port);
    return wanted?.map(({ inode }) => inode).join(" ");
  }

  async clients(port: number): Promise<readonly PortClient[]> {
    const sockets = readClientSockets(port);
    if (sockets.length === 0) return [];
    const isLocal = localAddresses();
    const owners = findSocketOwners(sockets.filter(({ address }) => isLocal(address)));
    return [...owners].flatMap(([pid, { length }]) => this.#clientOf(pid, length));
  }

  #listenersIn(owners: SocketOwners): Listener[] {
    return [...owners].flatMap(([pid, owned]) => this.#listenersOf(pid, owned));
  }

  #listenersOf(pid: number, owned: readonly TcpSocket[]): Listener[] {
    const stat = readStat(pid);
    if (stat === undefined || stat.zombie) return [];
    const view = this.#identities.describe({ pid, startTime: this.#identities.startTime(stat) });
    return owned.map(({ address, port }) => ({ ...view, address, port }));
  }

  #clientOf(pid: number, connections: number): PortClient[] {
    const stat = readStat(pid);
    if (stat === undefined || stat.zombie) return [];
    return [
      { ...this.#identities.describe({ pid, startTime: this.#identities.startTime(stat) }), connections },
    ];
  }
}

/** One link a process is read for that, where its sockets are dozens. @returns undefined: all of them */
function pidsIn(isNear: ((cwd: string) => boolean) | undefined): readonly number[] | undefined {
  if (isNear === undefined) return undefined;
  return readPids().filter((pid) => {
    const cwd = readCwd(pid);
    return cwd !== undefined && isNear(cwd);
  });
}
