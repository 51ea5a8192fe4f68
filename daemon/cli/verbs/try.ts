import { statSync } from "node:fs";
import { join, relative } from "node:path";
import * as z from "zod";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { steps } from "../../../shared/operations/operation.ts";
import { launchWords } from "../../../shared/operations/result-words.ts";
import { start as startOperation } from "../../../shared/operations/servers.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import { shellWord } from "../output/words.ts";
import { launch } from "./launch.ts";
import { verb } from "./verb.ts";

const declared = steps({
  summary: "Start the example web app (or, with --cwd, another project's), and say what to try next.",
  args: z.object({}),
  options: startOperation.options.pick({ timeout: true, port: true, onConflict: true }),
  palette: null,
  requests: {},
});

/** What `npm start` runs in Devlatch's own repository. */
export const tryOut = verb(declared, async (input, context) => {
  const directory = context.cwdGiven ? context.cwd : exampleDirectory();
  const result = await launch(context, "start", { app: "web", ...input }, directory);
  const next = suggestions(directory, process.cwd(), context.env);
  return {
    data: { ...result, next },
    text: `${launchWords(result, (url) => context.output.paint("bold", url))}\n\n${nextText(result, next)}`,
  };
});

/** The example of this repository, next to the built command line. */
function exampleDirectory(): string {
  const directory = join(import.meta.dirname, "..", "test", "fixtures", "example");
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return directory;
  throw new DevlatchError(
    "DIRECTORY_MISSING",
    "The example app isn't part of this installation.",
    "Name a project: devlatch try --cwd DIR",
    { data: { directory } },
  );
}

/** A command line that works in the directory the reader is in, and what it is for. */
export interface Suggestion {
  readonly command: string;
  readonly purpose: string;
}

/**
 * What to try next.
 * @param directory the app's, absolute
 * @param from where the reader will type, absolute
 */
export function suggestions(directory: string, from: string, env: NodeJS.ProcessEnv): Suggestion[] {
  const place = relative(from, directory);
  const cwd = place === "" ? "" : ` --cwd ${shellWord(place.startsWith("..") ? directory : place)}`;
  const viaNpm = env["npm_lifecycle_event"] === "start";
  // Only npm puts the repository's own Node first on PATH; the machine's may be too old.
  const program = viaNpm ? "npx devlatch" : "devlatch";
  return [
    { command: `${program} start web${cwd}`, purpose: "the same server again: reused" },
    { command: `${program} status`, purpose: "what runs, this project first" },
    { command: `${program} logs web --follow${cwd}`, purpose: "what it writes, as it comes" },
    { command: `${program} stop web${cwd}`, purpose: "stop it, with everything it started" },
  ];
}

function nextText({ outcome, url }: StartResult, next: readonly Suggestion[]): string {
  const width = Math.max(...next.map(({ command }) => command.length));
  const lines = next.map(({ command, purpose }) => `  ${command.padEnd(width)}  # ${purpose}`);
  const open = url === null ? "" : `Open ${url} in a browser. `;
  const intro = outcome === "started" ? open : `${open}No second server was started. `;
  return `${intro}Try next:\n${lines.join("\n")}`;
}
