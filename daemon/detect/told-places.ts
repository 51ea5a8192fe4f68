import { resolve } from "node:path";
import type { PortPlaces } from "../../shared/model/app.ts";
import { scanOptions, valuesOf } from "./options.ts";

/** How a framework's command line says where its configuration is. */
interface Options {
  /** Name the file itself. */
  readonly config?: readonly string[];
  /** Name the mode, of which its files of variables are. */
  readonly mode?: readonly string[];
  /** Name its file of variables, in place of `.env`. */
  readonly variables?: readonly string[];
  /** Whether its first argument is the directory that has all of it. */
  readonly root?: true;
  /** Whether its first argument is one of several projects. */
  readonly project?: true;
}

const viteLike: Options = { config: ["--config", "-c"], mode: ["--mode", "-m"] };
const webpackLike: Options = { config: ["--config", "-c"] };

const options: Readonly<Record<string, Options>> = {
  vite: { ...viteLike, root: true },
  sveltekit: { ...viteLike, root: true },
  "react-router": { ...viteLike, root: true },
  remix: viteLike,
  "electron-vite": viteLike,
  vitepress: { root: true },
  astro: { config: ["--config"], mode: ["--mode"] },
  nuxt: { variables: ["--dotenv"], root: true },
  rsbuild: { config: ["--config", "-c"], root: true },
  rspack: webpackLike,
  webpack: webpackLike,
  wrangler: { config: ["--config", "-c"] },
  "react-native": { config: ["--config"] },
  angular: { project: true },
};

/** Options of these programs that take a value, of all those that may stand before an argument. */
const valued =
  "--host --hostname -H --port -p --mode -m --config -c --base --dotenv --root --env --configuration --config-name -l --logLevel -e --ip --local-protocol --open".split(
    " ",
  );

/** Where a server says its port by its own command line. */
export interface ToldPlaces {
  /** Its directory, or the one that it is told. */
  readonly directory: string;
  /** Configuration files that it reads instead of its usual ones; relative to the directory it runs in, or absolute. */
  readonly configs: readonly string[];
  readonly mode?: string;
  /** Its file of variables, in place of `.env`. */
  readonly variables?: string;
  /** Of several projects the one it serves. */
  readonly project?: string;
}

/** What the words of a framework's server say of where its configuration is. */
export function toldPlaces(framework: string | undefined, { directory, words = [] }: PortPlaces): ToldPlaces {
  const known = framework !== undefined && Object.hasOwn(options, framework) ? options[framework] : undefined;
  if (known === undefined) return { directory, configs: [] };
  const scan = scanOptions(words.slice(1), valued);
  const last = (names: readonly string[] = []) => valuesOf(scan, ...names).findLast(isPlain);
  const [argument] = scan.positionals.filter(
    (word) => !commands.has(word) && isPlain(word) && !optionsValue.test(word),
  );
  const [mode, variables] = [last(known.mode), last(known.variables)];
  return {
    directory: known.root && argument !== undefined ? resolve(directory, argument) : directory,
    configs: valuesOf(scan, ...(known.config ?? []))
      .filter(isPlain)
      .map((file) => resolve(directory, file)),
    ...(mode === undefined ? {} : { mode }),
    ...(variables === undefined ? {} : { variables }),
    ...(known.project && argument !== undefined ? { project: argument } : {}),
  };
}

const commands = new Set(["dev", "serve", "server", "start", "s", "vite:dev"]);

/** What is rather the value of an option that isn't known: an address, a number, a truth. */
const optionsValue = /^(?:[\d.:]+|localhost|true|false)$/;

/** A path or a name as it stands there: no shell's variable. */
function isPlain(word: string): boolean {
  return word !== "" && !/[\0$%]/.test(word);
}
