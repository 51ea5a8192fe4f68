import { readFile, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { inlineMap } from "./shorten.ts";

type Output = Metafile["outputs"][string];

/** What a first build made of a program, by the files' names. */
interface Parts {
  readonly dist: string;
  readonly entry: string;
  readonly outputs: ReadonlyMap<string, Output>;
  /** What the entry loads at once, itself among it, in a fixed order. */
  readonly atOnce: readonly string[];
}

/**
 * Puts a program's entry and all that it imports at once into one file: an editor waits while each is found, read and
 * compiled. What this program alone imports later takes those parts from there, so that they aren't loaded twice; what
 * other programs have in common with it has its own of them.
 * @param dist where everything was built, side by side
 * @param entry name of the program's file
 * @param metafiles of the build that made the entry, and of others that wrote there
 * @param options of the first, less what it built
 * @returns what is there of the first now: parts that no file imports any more are gone
 * @throws Error where a part is imported both at once and later; esbuild's errors
 */
export async function gathered(
  dist: string,
  entry: string,
  [metafile, ...others]: readonly [Metafile, ...Metafile[]],
  options: BuildOptions,
): Promise<Metafile> {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, one]) => [basename(path), one]));
  const atOnce = reached(outputs, [entry], (kind) => kind !== "dynamic-import");
  const programs = [...outputs.keys()].filter((name) => name !== entry && isProgram(outputs.get(name)));
  const elsewhere = new Set(reached(outputs, programs, () => true));
  // Another build makes the same file where it comes to the same part.
  for (const path of others.flatMap((one) => Object.keys(one.outputs))) elsewhere.add(basename(path));
  const later = [...reached(outputs, [entry], () => true)].filter((name) => !atOnce.has(name));
  const parts: Parts = { dist, entry, outputs, atOnce: [...atOnce].sort() };
  for (const name of [...atOnce, ...later])
    for (const { path, kind } of outputs.get(name)?.imports ?? [])
      if (kind === "dynamic-import" && atOnce.has(basename(path)))
        throw new Error(`${path} is imported at once and later: let all its importers do it one way.`);
  const own = later.filter((name) => !elsewhere.has(name) && atOnceOf(outputs.get(name), atOnce).length > 0);
  const common = { ...options, bundle: true, outdir: dist, allowOverwrite: true } as const;
  const taken = new Set(own.flatMap((name) => atOnceOf(outputs.get(name), atOnce)));
  await build({ ...common, entryPoints: [{ in: entry, out: stem(entry) }], plugins: [whole(parts, taken)] });
  const entryPoints = own.map((name) => ({ in: resolve(dist, name), out: stem(name) }));
  await build({ ...common, entryPoints, plugins: [fromWhole(parts)] });
  const gone = parts.atOnce.filter((name) => name !== entry && !elsewhere.has(name));
  await Promise.all(gone.map((name) => rm(join(dist, name))));
  const left = Object.entries(metafile.outputs).filter(([path]) => !gone.includes(basename(path)));
  return { inputs: metafile.inputs, outputs: Object.fromEntries(left) };
}

/** The entry with all that it imports at once. @param taken parts that are exported, too, each as an object */
function whole({ dist, entry, atOnce }: Parts, taken: ReadonlySet<string>): Plugin {
  const exported = [...taken].sort().map((name) => `export * as ${partName(atOnce, name)} from "./${name}";`);
  const contents = `export * from "./${entry}";\n${exported.join("\n")}`;
  return {
    name: "whole",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path, kind }) => {
        if (kind === "entry-point") return { path, namespace: "whole" };
        return kind !== "dynamic-import" && path.startsWith("./")
          ? { path: resolve(dist, path) }
          : { path, external: true };
      });
      onLoad({ filter: /./, namespace: "whole" }, () => ({ contents, resolveDir: dist }));
      onLoad({ filter: /\.js$/ }, async ({ path }) => ({ contents: await builtFile(path) }));
    },
  };
}

/** A part that is loaded later: what was loaded at once comes from the whole. */
function fromWhole({ entry, outputs, atOnce }: Parts): Plugin {
  return {
    name: "from-whole",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /./ }, ({ path, kind, namespace }) => {
        if (kind === "entry-point") return { path };
        const isGathered = namespace === "file" && atOnce.includes(basename(path));
        return isGathered ? { path: basename(path), namespace: "gathered" } : { path, external: true };
      });
      onLoad({ filter: /./, namespace: "gathered" }, ({ path: name }) => {
        const names = outputs.get(name)?.exports ?? [];
        const taken = names.map((one) => `export const ${one} = /* @__PURE__ */ take("${one}");`);
        const take = "const take = (name) => part[name];";
        const contents = `import { ${partName(atOnce, name)} as part } from "./${entry}";\n${take}\n${taken.join("\n")}`;
        return { contents };
      });
      onLoad({ filter: /\.js$/ }, async ({ path }) => ({ contents: await builtFile(path) }));
    },
  };
}

async function builtFile(path: string): Promise<string> {
  return `${await readFile(path, "utf8")}${await inlineMap(`${path}.map`)}`;
}

function partName(atOnce: readonly string[], name: string): string {
  return `part${atOnce.indexOf(name)}`;
}

function stem(name: string): string {
  return name.replace(/\.js$/, "");
}

/** Whether a file is one that is started: a chunk that is imported later has an entry point, too, but isn't named so. */
function isProgram(output: Output | undefined): boolean {
  return output?.entryPoint?.startsWith("daemon/") === true;
}

/** What a file imports of these. */
function atOnceOf(output: Output | undefined, names: ReadonlySet<string>): readonly string[] {
  const imports = (output?.imports ?? []).filter(({ kind }) => kind !== "dynamic-import");
  return imports.map(({ path }) => basename(path)).filter((name) => names.has(name));
}

/** The files that some load, themselves among them. @param follows which kinds of imports count */
function reached(
  outputs: ReadonlyMap<string, Output>,
  from: readonly string[],
  follows: (kind: string) => boolean,
): ReadonlySet<string> {
  const found = new Set<string>();
  const left = [...from];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const imports = outputs.get(name)?.imports ?? [];
    left.push(
      ...imports.filter(({ external, kind }) => !external && follows(kind)).map(({ path }) => basename(path)),
    );
  }
  return found;
}
