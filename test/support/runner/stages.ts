import { needCodeServer } from "../install/code-server.ts";
import { needPackages, runtimePackages } from "../install/debian.ts";
import { needDependencies, projectNames } from "../projects.ts";

/** A stage either runs tools, each of which counts as a test, or test files. */
export interface Stage {
  readonly name: string;
  readonly tools?: readonly { readonly name: string; readonly command: readonly string[] }[];
  /** Folder of the test files, relative to the repository. */
  readonly folder?: string;
  /** Files at once, beside those of other stages; as many as there are lanes unless told. */
  readonly atMost?: number;
  /** Files that can only run where nothing else does. */
  readonly alone?: readonly string[];
  /** For one file or tool, in milliseconds. A busy machine takes several times as long as a quiet one. */
  readonly timeoutMs: number;
  /** Makes sure that what the stage needs is there, and says so if it takes an installation. */
  readonly need?: () => Promise<void>;
}

/** In the order of their tools; the files of all stages run beside each other, those of the last stage first. */
export const stages: readonly Stage[] = [
  {
    name: "check",
    timeoutMs: 300_000,
    tools: [
      { name: "style and lint", command: ["biome", "check", "."] },
      { name: "types", command: ["tsc", "--noEmit"] },
      // Each with a document, which the rest doesn't have.
      { name: "types of the pages", command: ["tsc", "-p", "extension/webview/page"] },
      { name: "types of the pages' tests", command: ["tsc", "-p", "test/integration/webview"] },
      { name: "unused files, exports and dependencies", command: ["knip"] },
    ],
  },
  {
    name: "build",
    timeoutMs: 300_000,
    tools: [{ name: "bundles", command: ["node", "esbuild.mjs", "--quiet"] }],
  },
  { name: "architecture", folder: "test/architecture", timeoutMs: 300_000, need: needGit },
  { name: "unit", folder: "test/unit", timeoutMs: 600_000 },
  { name: "integration", folder: "test/integration", timeoutMs: 900_000, need: needServices },
  {
    name: "system",
    folder: "test/system",
    alone: ["test/system/faults/pid-reuse.test.ts"],
    timeoutMs: 1_200_000,
    need: needProjects,
  },
  { name: "security", folder: "test/security", timeoutMs: 1_200_000, need: needProjects },
  // Skipped in words where Wine can't be had.
  { name: "windows", folder: "test/windows", timeoutMs: 600_000 },
  // A browser that draws without a graphics card takes a core.
  { name: "vscode", folder: "test/vscode", atMost: 1, timeoutMs: 1_200_000, need: needVsCode },
];

async function needGit(): Promise<void> {
  await needPackages(runtimePackages.git);
}

async function needServices(): Promise<void> {
  await needPackages([...runtimePackages.redis, ...runtimePackages.git, ...runtimePackages.tools]);
}

async function needProjects(): Promise<void> {
  await needServices();
  for (const name of projectNames) await needDependencies(name);
}

async function needVsCode(): Promise<void> {
  await needPackages(runtimePackages.browser);
  await needProjects();
  await needCodeServer();
}
