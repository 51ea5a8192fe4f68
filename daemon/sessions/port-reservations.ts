/** Ports that launches were given and don't listen on yet: two that begin in the same moment get two. */
export class PortReservations {
  readonly #owners = new Map<number, string>();

  /** Whose the port is going to be; undefined where it is free, or this session's own. */
  ownerOf(port: number, key: string): string | undefined {
    const owner = this.#owners.get(port);
    return owner === key ? undefined : owner;
  }

  /** The ports that others are going to listen on. */
  others(key: string): ReadonlySet<number> {
    return new Set([...this.#owners].flatMap(([port, owner]) => (owner === key ? [] : [port])));
  }

  /** @returns gives it back; to be called when the launch is over, well or not */
  reserve(port: number, key: string): () => void {
    this.#owners.set(port, key);
    return () => {
      if (this.#owners.get(port) === key) this.#owners.delete(port);
    };
  }
}
