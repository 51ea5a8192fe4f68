import { frameworkOfProgram } from "../detect/frameworks.ts";
import { isRunner } from "../detect/parallel-runners.ts";
import { programName, withoutVersion } from "../detect/programs.ts";
import { isKiller } from "./killers.ts";

/** What a command line may be about, by its words alone. */
export interface Look {
  /** Some word is a program that ends processes. */
  readonly kills: boolean;
  /** Some word may start a server. */
  readonly starts: boolean;
}

/** Longest command line that is looked at, in characters: what is longer carries a file's content. */
const longest = 100_000;

/** What ends a command, and what else stands between words. */
const pieces = /[\n;&|()]+|[^\s"'`;&|()<>{}=,$]+/g;

/** These start what a file says. */
const managers = new Set("npm npx pnpm pnpx yarn yarnpkg bun bunx deno php".split(" "));
/** What package managers do by themselves, and scripts that serve nothing in any project. */
const harmless = new Set(
  `i ci install add remove rm uninstall un up update upgrade outdated audit list ls la ll why info view show pack publish
  version link unlink login logout config cache dedupe prune rebuild init create test t build lint format typecheck check
  types tsc clean -v --version`.split(/\s+/),
);
const running = new Set(["run", "run-script"]);

/** They run a file, which is a server if it is called like one. */
const runtimes = new Set(
  "node nodejs tsx ts-node ts-node-dev tsnd babel-node esno swc-node sucrase-node python python3 ruby bun deno".split(
    " ",
  ),
);
const serverFile = /(?:^|[\\/])(?:server|main|index|app|dev|start|www|ace)(?:\.(?:[cm]?[jt]sx?|py|rb))?$/;
/** Programs that serve and that detection knows by the script alone they stand in, and scripts of that kind. */
const others = new Set(
  "nodemon supervisor pm2-dev fastify directus json-server serverless roadhog eleventy air firebase".split(
    " ",
  ),
);
const serverScript = /(?:^|[\\/])(?:dev|start|serve|run-dev|start-dev)\.(?:sh|ps1)$|(?:^|[\\/])bin[\\/]dev$/;
/** They build and test, and with these words run what they built. */
const builders = new Set(["go", "cargo", "dotnet"]);
const runningWords = new Set(["run", "r", "watch", "leptos", "shuttle"]);
/** In so many words behind it the file of a runtime stands. */
const near = 6;

/**
 * Whether the words of a command line can be about servers at all: quickly, and rather once too often. What they mean is
 * read only then.
 */
export function firstLook(command: string): Look {
  if (command.length > longest) return { kills: false, starts: false };
  const words = command.match(pieces) ?? [];
  const kills = words.some((word) => isKiller(nameOf(word)));
  return {
    kills,
    starts: words.some((word, index) => mayStart(word, words.slice(index + 1, index + 1 + near))),
  };
}

function mayStart(word: string, following: readonly string[]): boolean {
  const [next = "", afterNext = ""] = following;
  const program = nameOf(word);
  if (frameworkOfProgram(program) !== undefined || isRunner(program) || word === "--run") return true;
  if (others.has(program) || serverScript.test(word)) return true;
  if (builders.has(program) && runningWords.has(next)) return true;
  if (runtimes.has(program) && following.some((one) => serverFile.test(one))) return true;
  if (!managers.has(program)) return false;
  return !harmless.has(running.has(next) ? afterNext : next);
}

function nameOf(word: string): string {
  return withoutVersion(programName(word));
}
