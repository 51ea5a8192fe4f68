import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { userEnv } from "../../support/env.ts";
import type { Owner } from "../../support/owner.ts";
import { repository as sources } from "../../support/paths.ts";

/** A small git repository, with the plain server in it, in a temporary directory of its own. */
export interface TestRepository {
  /** Absolute real path of the main checkout. */
  readonly path: string;
  /** Runs git there, as a user would; throws what git says. */
  git(...args: readonly string[]): string;
  /** Runs git in another directory. */
  gitIn(cwd: string, ...args: readonly string[]): string;
  /** Where each branch of rescued work points, by name. */
  rescued(): string[];
}

/**
 * @param config what devlatch.json says
 * @param files further files by path, committed
 */
export async function makeRepository(
  owner: Owner,
  config: object,
  files: Readonly<Record<string, string>> = {},
): Promise<TestRepository> {
  const parent = mkdtempSync(join(realpathSync(tmpdir()), "dlrepo-"));
  owner.after(() => rmSync(parent, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  const path = join(parent, "shop");
  await cp(join(sources, "test/fixtures/projects/plain"), path, { recursive: true });
  const all = {
    ".gitignore": "cache/\n*.log\nnode_modules/\n",
    "devlatch.json": JSON.stringify(config),
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  const gitIn = (cwd: string, ...args: readonly string[]) => {
    const identity = ["-c", "user.name=Tester", "-c", "user.email=tester@localhost"];
    return execFileSync("git", [...identity, ...args], {
      cwd,
      env: userEnv(),
      encoding: "utf8",
      stdio: "pipe",
    }).trim();
  };
  gitIn(path, "init", "--quiet", "--initial-branch=main");
  gitIn(path, "add", ".");
  gitIn(path, "commit", "--quiet", "-m", "First");
  const git = (...args: readonly string[]) => gitIn(path, ...args);
  const rescued = () =>
    git("for-each-ref", "--format=%(refname:short)", "refs/heads/devlatch/").split("\n").filter(Boolean);
  return { path, git, gitIn, rescued };
}

/** Makes every checkout of the repository wait, from the moment it is closed until it is opened again. */
export interface Gate {
  close(): void;
  open(): void;
  /** Whether a checkout waits now. */
  reached(): boolean;
}

/** A gate that checkouts pass as a filter of `gated.txt`: a long creation, as long as a test wants. */
export async function addGate({ path, git }: TestRepository): Promise<Gate> {
  const program = join(path, "..", "gate.sh");
  const [closed, reached] = [join(path, "..", "closed"), join(path, "..", "reached")];
  writeFileSync(
    program,
    `#!/bin/sh\nif [ -e '${closed}' ]; then touch '${reached}'; fi\nwhile [ -e '${closed}' ]; do sleep 0.05; done\ncat\n`,
  );
  chmodSync(program, 0o755);
  git("config", "filter.gate.smudge", program);
  git("config", "filter.gate.clean", "cat");
  await writeFile(join(path, ".gitattributes"), "gated.txt filter=gate\n");
  await writeFile(join(path, "gated.txt"), "Passed\n");
  git("add", ".");
  git("commit", "--quiet", "-m", "Gate");
  return {
    close: () => {
      rmSync(reached, { force: true });
      writeFileSync(closed, "");
    },
    open: () => rmSync(closed, { force: true }),
    reached: () => existsSync(reached),
  };
}
