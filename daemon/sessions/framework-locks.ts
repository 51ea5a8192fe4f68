import { join } from "node:path";
import * as z from "zod";
import { readRegularFile } from "../../shared/base/regular-file.ts";
import type { AppPlan } from "../../shared/model/app.ts";

/** What a framework writes down of the development server that runs in a directory. */
const FrameworkLock = z.object({
  pid: z.int().positive(),
  port: z.int().min(1).max(65535).optional(),
});
export type FrameworkLock = z.infer<typeof FrameworkLock>;

/** Where they do: Next 16, Astro 7, Nuxt 4 (there before it listens, without a port). */
const lockFiles: Readonly<Record<string, string>> = {
  next: ".next/dev/lock",
  astro: ".astro/dev.json",
  nuxt: ".nuxt/nuxt.lock",
};

/**
 * The lock of the plan's framework in its directory, as the file has it: it says nothing until it is compared with the
 * process. Never rejects.
 */
export async function readFrameworkLock({
  framework = "",
  cwd,
}: Pick<AppPlan, "framework" | "cwd">): Promise<FrameworkLock | undefined> {
  const file = lockFiles[framework];
  if (file === undefined) return undefined;
  try {
    const found = await readRegularFile(join(cwd, file));
    if (found.kind !== "bytes") return undefined;
    return FrameworkLock.safeParse(JSON.parse(new TextDecoder().decode(found.bytes))).data;
  } catch {
    return undefined;
  }
}
