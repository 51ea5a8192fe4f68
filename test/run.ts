import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./support/paths.ts";

/**
 * `npm test`: every stage in order. `node test/run.ts unit architecture` runs those stages, and
 * `node test/run.ts test/unit/locks/queue.test.ts` that file, in detail.
 */
const pinned = join(repository, "node_modules/.bin/node");

if (isTooOld(process.versions.node) && existsSync(pinned)) {
  const again = spawnSync(pinned, process.argv.slice(1), { stdio: "inherit" });
  process.exitCode = again.status ?? 1;
} else {
  // Not at the top: an older Node lacks modules that it needs.
  const { runStages } = await import("./support/runner/run.ts");
  const { UnknownSelection } = await import("./support/runner/select.ts");
  process.exitCode = await runStages(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof UnknownSelection ? error.message : error);
    return 2;
  });
}

/** The tests run on the major version that the lockfile pins, VS Code's own. */
function isTooOld(version: string): boolean {
  return Number(version.split(".")[0]) < 24;
}
