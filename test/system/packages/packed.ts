import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Target, targets } from "../../../.ci/packages/targets.ts";
import { runProgram } from "../../support/child.ts";
import { repository } from "../../support/paths.ts";
import { readZip, type ZipEntry } from "../../support/zip.ts";

export const manifest = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
  readonly version: string;
};

/** A VSIX that was made, opened. */
export interface Opened {
  readonly target: Target;
  readonly bytes: Buffer;
  readonly entries: readonly ZipEntry[];
  /** @param path below the extension's directory @throws Error where it isn't there */
  text(path: string): string;
}

/**
 * Packs what was built.
 * @param names of targets, or `npm`
 * @throws Error with what the packer wrote
 */
export async function pack(
  names: readonly string[],
  out: string,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const args = [".ci/packages/main.ts", "--target", names.join(","), "--out", out];
  const options = { cwd: repository, env: { ...process.env, ...env }, timeoutMs: 300_000 };
  const packed = await runProgram(process.execPath, args, options);
  if (packed.code !== 0) throw new Error(packed.stdout + packed.stderr);
}

export function openVsix(name: string, out: string): Opened {
  const bytes = readFileSync(join(out, `devlatch-${name}-${manifest.version}.vsix`));
  const entries = readZip(bytes);
  const target = targets.find((one) => one.name === name);
  if (!target) throw new Error(`There is no target ${name}.`);
  const text = (path: string) => {
    const entry = entries.find((one) => one.path === path);
    if (!entry) throw new Error(`There is no ${path} in ${name}.`);
    return entry.read().toString("utf8");
  };
  return { target, bytes, entries, text };
}
