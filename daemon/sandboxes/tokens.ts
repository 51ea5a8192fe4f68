import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digest } from "../../shared/base/token.ts";

/** The tokens of sandboxes claimed through this daemon, outside the worktrees, readable by this user alone. */
export class TokenFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async write(sandboxId: string, token: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeFile(this.#file(sandboxId), `${token}\n`, { mode: 0o600 });
  }

  async read(sandboxId: string): Promise<string | undefined> {
    return readFile(this.#file(sandboxId), "utf8").then(
      (text) => text.trim(),
      () => undefined,
    );
  }

  remove(sandboxId: string): Promise<void> {
    return rm(this.#file(sandboxId), { force: true });
  }

  #file(sandboxId: string): string {
    return join(this.#directory, `${sandboxId}.token`);
  }
}

/** What of a token is written down where others can read it. */
export function tokenDigest(token: string): string {
  return digest(token, 64);
}
