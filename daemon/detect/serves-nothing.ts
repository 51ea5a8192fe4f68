import { isAbsolute, relative } from "node:path";
import type { Package } from "./package-json.ts";
import type { Packages } from "./packages.ts";
import { resolveSafely } from "./scope.ts";
import { readTextFile, type TextFile } from "./text-file.ts";

/** A program's file, and what it is told. */
interface Program {
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute directory it runs in. */
  readonly cwd: string;
}

/**
 * Whether a file that a script called `dev` or `start` runs is no server, as far as that can be known without running it. Only
 * two kinds of file are doubted: the command-line tool that the package installs (its `bin`), and one that is named for
 * building or preparing something. Either is a server where its text speaks of serving, and the tool also where it is told to,
 * or its package depends on what serves.
 */
export async function servesNothing(program: Program, packages: Packages): Promise<boolean> {
  const { file, args, cwd } = program;
  const owner = await packages.files.nearest(cwd);
  if (owner === undefined) return false;
  const path = resolveSafely(cwd, file);
  const within = relative(owner.directory, path);
  if (within.startsWith("..") || isAbsolute(within)) return false;
  const isOwnTool = owner.bin.some((one) => stem(one) === stem(within));
  if (!isOwnTool && !namedForBuilding.test(within.replaceAll("\\", "/"))) return false;
  if (isOwnTool && args.some((arg) => toldToServe.test(arg))) return false;
  const text = (await packages.files.believed.has(path)) ? await read(path) : undefined;
  if (text === undefined) return false;
  // A server of agents' tools on standard input and output.
  if (/\bStdioServerTransport\b/.test(text)) return !/\b(?:SSE|Streamable|listen|createServer)/.test(text);
  return !speaksOfServing.test(text) && !(isOwnTool && dependsOnServer(owner));
}

const namedForBuilding =
  /(?:^|\/)(?:build|bundle|clean|codegen|compile|copy|deploy|esbuild|format|generate|lint|migrate|prepare|release|rollup|scaffold|seed|setup|watch)(?:[._-][\w.-]*)?\.\w+$/;
const toldToServe = /^(?:dev|serve|server|start|web|ui)$|port/;
/** `https://…` is where something is, not what it does. */
const speaksOfServing = /[Ss]erver|\b(?:serve|servedir|listen|https?(?!:)|[Pp]ort|PORT|daemon)\b/;
const servers =
  /server|serve-|express|fastify|koa|hapi|hono|nest|socket|^ws$|http|^next$|nuxt|^vite$|astro|remix|elysia|restify|polka|connect|graphql|feathers|^h3$|nitro|moleculer|loopback|webpack|parcel|browser-sync|proxy/;

function dependsOnServer({ dependencies }: Package): boolean {
  return [...dependencies].some((name) => servers.test(name) && !name.startsWith("@types/"));
}

/** `./dist/cli.js` and `src/cli.ts` are one program: built, and as it is written. */
function stem(path: string): string {
  return path
    .replaceAll("\\", "/")
    .replace(/^(?:\.\/)+/, "")
    .replace(/^(?:app|bin|build|cjs|dist|esm|lib|out|src)\//, "")
    .replace(/\.[cm]?[jt]sx?$/, "");
}

async function read(path: string): Promise<string | undefined> {
  let found: TextFile = await readTextFile(path);
  if (found.kind !== "text") found = await readTextFile(`${path}.js`);
  return found.kind === "text" ? found.text : undefined;
}
