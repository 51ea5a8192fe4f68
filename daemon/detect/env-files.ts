import { resolve } from "node:path";
import { scanOptions, valuesOf } from "./options.ts";
import { isRuntime } from "./programs.ts";
import type { Scope } from "./scope.ts";

/** Options of programs that read variables from a file before they start another one, and the file without them. */
const loaders: Readonly<Record<string, { readonly options: readonly string[]; readonly usual: string }>> = {
  dotenv: { options: ["-e"], usual: ".env" },
  dotenvx: { options: ["-f", "--env-file"], usual: ".env" },
  "env-cmd": { options: ["-f", "--file"], usual: ".env" },
};
const runtimeOptions = ["--env-file", "--env-file-if-exists"];

/** The scope with the files of variables that a command names: `node --env-file=.env`, `dotenv -e .env.local --`. */
export function withEnvFiles(scope: Scope, program: string, args: readonly string[]): Scope {
  const files = filesNamed(program, args).map((file) => resolve(scope.cwd, file.replaceAll("\0", "")));
  return files.length === 0 ? scope : { ...scope, envFiles: [...(scope.envFiles ?? []), ...files] };
}

function filesNamed(program: string, args: readonly string[]): readonly string[] {
  const loader = Object.hasOwn(loaders, program) ? loaders[program] : undefined;
  if (loader === undefined)
    return isRuntime(program) || program === "bun"
      ? valuesOf(scanOptions(args, runtimeOptions), ...runtimeOptions)
      : [];
  // Only in front of the program that is started: what follows is that one's own. dotenvx has a command of its own there.
  const own = program === "dotenvx" && args[0] === "run" ? args.slice(1) : args;
  const named = valuesOf(scanOptions(own, loader.options, 1), ...loader.options);
  return named.length === 0 ? [loader.usual] : named;
}
