import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomToken } from "../../../shared/base/token.ts";
import { repository } from "../../support/paths.ts";
import { allProcesses, endProcesses, type SeenProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import type { Leader, Parent } from "./parents.ts";

/** A running tree, every process of which has a marker in its command line. */
export interface NastyTree extends Leader {
  left(): SeenProcess[];
  /** Ends what is left of it. */
  end(): Promise<void>;
}

/** Roles that must be there before the stop. */
const roles = 14;
const fixture = join(repository, "test/fixtures/processes/nastiest.sh");

export async function startUnder(parent: Parent): Promise<NastyTree> {
  const marker = `marker-${randomToken()}`;
  const directory = mkdtempSync(join(tmpdir(), "devlatch-stops-"));
  const left = () => allProcesses().filter(({ command }) => command.includes(marker));
  const leader = await parent([fixture, marker], directory);
  await waitFor("the whole tree", () => left().length >= roles, { timeoutMs: 20_000 });
  return {
    ...leader,
    left,
    end: async () => {
      await endProcesses(left, 0);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
