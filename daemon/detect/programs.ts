import { shellWord } from "../../shared/base/shell-word.ts";
import { scanOptions, valuesOf } from "./options.ts";

/**
 * The name a program goes by: without directory and Windows' extensions. A package's own file below `node_modules`
 * goes by the package (`node_modules/next/dist/bin/next` is `next`); scoped names of `npx` stay whole.
 */
export function programName(word: string): string {
  const path = word.replaceAll("\\", "/");
  if (/^@[^/]+\/[^/]+$/.test(path)) return path;
  const base = path.slice(path.lastIndexOf("/") + 1).replace(/\.(?:cmd|exe|bat|ps1)$/i, "");
  const inside = /(?:^|\/)node_modules\/(?!\.bin\/)((?:@[^/]+\/)?[^/]+)\//.exec(path);
  return inside?.[1] ?? base;
}

/** `next@latest` → `next` */
export function withoutVersion(word: string): string {
  return word.replace(/(?<=.)@[^/@]*$/, "");
}

/** What a JavaScript runtime is told to do. */
export type RuntimeCommand =
  /** An installed program started through its file. */
  | { readonly kind: "program"; readonly argv: readonly string[] }
  | { readonly kind: "script"; readonly script: string; readonly args: readonly string[] }
  | { readonly kind: "line"; readonly line: string }
  | { readonly kind: "file"; readonly file: string };

/** Code in the command line itself: a server where it says so, under the name that Node gives such code in errors. */
export function inlineCode(code: string | undefined): RuntimeCommand | undefined {
  return serves.test(code ?? "") ? { kind: "file", file: "[eval]" } : undefined;
}

/** What code calls that serves: `server.listen(…)`, `Bun.serve(…)`, `httpd.serve_forever()`. */
const serves = /\b(?:listen|serve(?:_forever)?|run_simple)\s*\(/;

const nodeValues =
  "-r --require --import --loader --experimental-loader --env-file --env-file-if-exists -C --conditions --watch-path --inspect-port --title --stack-trace-limit --tsconfig -P --project -w --watch --ext -e -i --ignore --delay --signal".split(
    " ",
  );
/** Options that take no value here, though another runtime's option of that name does. */
const valueless: Readonly<Record<string, readonly string[]>> = {
  node: ["-w", "--watch", "-i", "--ignore", "-P", "--project", "-e", "--ext"],
  tsx: ["-w", "--watch", "-e", "--ext"],
};

/** Reads `node server.js`, `node --run dev`, `tsx watch src/main.ts`, `nodemon --exec "next dev"` and the like. */
export function readRuntime(program: string, args: readonly string[]): RuntimeCommand | undefined {
  if (!runtimes.has(program)) return undefined;
  const options = nodeValues.filter(
    (one) => !(Object.hasOwn(valueless, program) ? valueless[program] : [])?.includes(one),
  );
  const scan = scanOptions(args, [...options, "--run", "--exec", "-x"], 1);
  const { flags } = scan;
  if (
    ["-p", "--print", "-c", "--check", "--test", "-h", "--help", "-v", "--version"].some((one) =>
      flags.has(one),
    )
  )
    return undefined;
  if (flags.has("-e") || flags.has("--eval")) return inlineCode(scan.positionals[0]);
  const [script] = valuesOf(scan, "--run");
  if (script !== undefined) return { kind: "script", script, args: scan.rest };
  const [line] = valuesOf(scan, "--exec", "-x");
  // What stands behind is the file that the line runs (`--exec "node --inspect" server.js`).
  if (line !== undefined && /\s/.test(line))
    return { kind: "line", line: [line, ...[...scan.positionals, ...scan.rest].map(shellWord)].join(" ") };
  const [word] = scan.positionals;
  // nodemon takes the package's main file then.
  if (word === undefined) return program === "nodemon" ? { kind: "file", file: "." } : undefined;
  // Adonis' command line is a file of each project.
  if (word === "ace" || word === "ace.js") return { kind: "program", argv: ["ace", ...scan.rest] };
  if ((program === "tsx" || program === "bun") && word === "watch") return readRuntime(program, scan.rest);
  if (/(?:^|[\\/])node_modules[\\/]/.test(word)) return { kind: "program", argv: [word, ...scan.rest] };
  return { kind: "file", file: word };
}

const runtimes = new Set(["node", "nodejs", "nodemon", "tsx", "ts-node", "ts-node-dev", "tsnd", "swc-node"]);

export function isRuntime(program: string): boolean {
  return runtimes.has(program);
}
