import * as z from "zod";
import type { JsonDocument } from "./json-file.ts";
import type { Package } from "./package-json.ts";

/** A project's name that can be handed on as it is. */
export const NxName = z.string().regex(/^[@\w][\w@/.-]{0,200}$/);

const Target = z.looseObject({
  executor: z.string().optional().catch(undefined),
  command: z.string().optional().catch(undefined),
  options: z
    .looseObject({
      port: z.int().min(1).max(65_535).optional().catch(undefined),
      command: z.string().optional().catch(undefined),
      commands: z
        .array(z.union([z.string(), z.looseObject({ command: z.string() }).transform((one) => one.command)]))
        .max(100)
        .optional()
        .catch(undefined),
      cwd: z.string().optional().catch(undefined),
    })
    .catch({})
    .default({}),
});
export type NxTargetFile = z.infer<typeof Target>;

/** `project.json`, or `nx` of a `package.json`, as far as it is read here. */
export const NxProjectFile = z.looseObject({
  name: NxName.optional().catch(undefined),
  projectType: z.enum(["application", "library"]).optional().catch(undefined),
  targets: z
    .record(z.string(), Target.catch({ options: {} }))
    .optional()
    .catch(undefined),
});

/** `nx.json`, as far as it is read here. */
export const NxWorkspaceFile = z.looseObject({
  plugins: z
    .array(
      z.union([
        z.string().transform((plugin) => ({ plugin, options: {} as Record<string, unknown> })),
        z.looseObject({
          plugin: z.string(),
          options: z.record(z.string(), z.unknown()).catch({}).default({}),
        }),
      ]),
    )
    .catch([])
    .default([]),
});

/** A `package.json` with a part for Nx. */
export const NxPackageFile = z.looseObject({ nx: NxProjectFile.optional().catch(undefined) });

/** The package that an Nx project without a `package.json` is; undefined for another tool's `project.json`. */
export function nxPackageOf({ value, file }: JsonDocument, directory: string): Package | undefined {
  const { name, projectType, targets } = NxProjectFile.safeParse(value).data ?? {};
  if (projectType === undefined && targets === undefined) return undefined;
  const packages = { dependencies: new Set<string>(), installed: new Set<string>() };
  const none = { bin: [], scripts: new Map(), config: new Map(), ...packages };
  return { directory, file, name, ...none, workspaces: [], packageManager: undefined };
}
