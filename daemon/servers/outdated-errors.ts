import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { BuildView } from "../../shared/model/output.ts";

/**
 * Whether every file with an error was changed since the error was reported. Some tools say nothing of a file that was
 * mended (Vite: one that never loaded), so the errors are no news then.
 * @param cwd where the places of errors begin
 */
export async function isOutdated({ status, errors }: BuildView, cwd: string): Promise<boolean> {
  if (status !== "failed") return false;
  const changed = await Promise.all(
    errors.map(async ({ place, time }) => {
      if (place === undefined) return false;
      const found = await stat(resolve(cwd, place.file)).catch(() => undefined);
      return found !== undefined && found.mtimeMs > time;
    }),
  );
  return changed.length > 0 && changed.every(Boolean);
}
