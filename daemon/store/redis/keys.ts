import { DevlatchError } from "../../../shared/base/errors.ts";
import { digest } from "../../../shared/base/token.ts";

/**
 * Names of everything kept in Redis. All keys a script touches share one hash tag, so that a Cluster keeps them on one
 * node (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
 */
export class Keys {
  readonly #namespace: string;

  /** @throws DevlatchError `INVALID_INPUT`: a brace or blank in the namespace would move the hash tag */
  constructor(namespace: string) {
    if (!/^[\w.:-]{1,64}$/.test(namespace)) {
      throw new DevlatchError(
        "INVALID_INPUT",
        `${JSON.stringify(namespace)} can't be a namespace in Redis.`,
        "Use letters, digits and . _ : - (64 characters at most).",
      );
    }
    this.#namespace = namespace;
  }

  /** Hash tags that hold locks: a sorted set, scored by when they were last used. */
  get tags(): string {
    return `${this.#namespace}:tags`;
  }

  shelf(tag: string): string {
    return `${this.#namespace}:{${tag}}:locks`;
  }

  lock(key: string): string {
    return `${this.#namespace}:{${tagOf(key)}}:lock:${key}`;
  }

  /** Lock, queue and shelf: what every lock script takes first. */
  lockKeys(key: string): readonly [lock: string, queue: string, shelf: string] {
    const tag = tagOf(key);
    return [this.lock(key), `${this.#namespace}:{${tag}}:queue:${key}`, this.shelf(tag)];
  }

  cancelled(key: string, token: string): string {
    return `${this.#namespace}:{${tagOf(key)}}:cancelled:${token}`;
  }

  get records(): readonly [values: string, index: string] {
    return [`${this.#namespace}:{records}:values`, `${this.#namespace}:{records}:index`];
  }

  deleted(write: string): string {
    return `${this.#namespace}:{records}:deleted:${write}`;
  }

  get probe(): string {
    return `${this.#namespace}:probe`;
  }

  /** Where a daemon hears of locks granted to it. */
  grantChannel(daemon: string): string {
    return `${this.#namespace}:grants:${daemon}`;
  }

  /** Where every daemon hears of changed records. */
  get recordChannel(): string {
    return `${this.#namespace}:changed`;
  }
}

/** The part of a lock's key in braces (`dev_server_start:{sandboxId}:web`), or a digest of a key that has none. */
export function tagOf(key: string): string {
  return /\{([^{}]+)\}/.exec(key)?.[1] ?? digest(key);
}
