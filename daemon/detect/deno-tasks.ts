import { join } from "node:path";
import * as z from "zod";
import { readJsonFile } from "./json-file.ts";
import type { Packages } from "./packages.ts";

const Tasks = z.object({
  tasks: z
    .record(
      z.string(),
      z
        .union([z.string(), z.object({ command: z.string() }).transform((one) => one.command), z.null()])
        .catch(null),
    )
    .catch({})
    .default({}),
});

/** The tasks of the `deno.json` of exactly this directory, by name. */
export async function denoTasks(packages: Packages, directory: string): Promise<ReadonlyMap<string, string>> {
  for (const name of ["deno.json", "deno.jsonc"]) {
    const file = join(directory, name);
    if (!(await packages.files.believed.has(file))) continue;
    const json = await readJsonFile(file, { comments: true });
    if (json.kind !== "json") continue;
    const { tasks } = Tasks.catch({ tasks: {} }).parse(json.document.value);
    return new Map(Object.entries(tasks).flatMap(([task, text]) => (text === null ? [] : [[task, text]])));
  }
  return new Map();
}

/** The command line of a task, in the nearest `deno.json` that has it. */
export async function denoTask(packages: Packages, from: string, task: string): Promise<string | undefined> {
  for (const directory of await packages.files.ancestors(from)) {
    const text = (await denoTasks(packages, directory)).get(task);
    if (text !== undefined) return text;
  }
  return undefined;
}
