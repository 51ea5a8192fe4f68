import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A compile cache that all test files of one run share, and what they start from sources: loading those takes half the
 * processor's time then. It is gone when the run ends. What tests start as a user would has it by its home (`createHome`),
 * not by its environment (`userEnv`).
 */
export const compileCache = mkdtempSync(join(tmpdir(), "dl-compiled-"));
process.once("exit", () => rmSync(compileCache, { recursive: true, force: true }));
