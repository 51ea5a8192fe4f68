import type { SourcePlace, StackFrame } from "../../shared/model/output.ts";
import { parsePlace } from "../../shared/model/source-place.ts";

/**
 * `    at name (file:3:9)`, `    at file:3:9`: one call of a stack trace; Nuxt puts a mark before it, and
 * `(async file:3:9)`.
 */
export function parseFrame(line: string): StackFrame | undefined {
  const text = line
    .trim()
    .replace(/^⁃ \(async (.{1,900})\)$/, "at $1")
    .replace(/^⁃ /, "");
  if (!text.startsWith("at ")) return undefined;
  const body = (text.endsWith(" {") ? text.slice(3, -2) : text.slice(3)).replace(/^async /, "");
  const open = body.endsWith(")") ? body.lastIndexOf(" (") : -1;
  const place = parsePlace(open === -1 ? body : body.slice(open + 2, -1));
  if (place?.line === undefined) return undefined;
  const name = open === -1 ? "" : body.slice(0, open);
  return name === "" ? place : { name: name.slice(0, 200), ...place };
}

/** Whether a frame is of the app itself, not of the runtime or a dependency. */
export function isOwn({ file }: SourcePlace): boolean {
  return (
    !/^(?:node:|internal\/|native$|<anonymous>)/.test(file) && !/(?:^|[\\/])node_modules[\\/]/.test(file)
  );
}

/** `./src/a.js 3:10-20`; webpack counts columns from 0. */
export function webpackPlace(module: string): SourcePlace | undefined {
  const [file = "", range = ""] = module.split(" ");
  const [, line, column] = /^(\d{1,7}):(\d{1,7})/.exec(range) ?? [];
  if (!(line && column)) return parsePlace(file);
  return {
    ...parsePlace(file),
    file: parsePlace(file)?.file ?? file,
    line: Number(line),
    column: Number(column) + 1,
  };
}

/**
 * Where ts-loader says it is, in the lines below webpack's own: `./src/a.ts 2:13-14`, `[tsl] ERROR in /srv/a.ts(2,14)`.
 */
export function tsLoaderPlace(line: string): SourcePlace | undefined {
  const [, module] = /^(\.{1,2}\/\S{1,500} \d{1,7}:\d{1,7}(?:-\d[\d:]{0,14})?)$/.exec(line) ?? [];
  if (module !== undefined) return webpackPlace(module);
  const [, file, row, column] = /^\[tsl\] ERROR in (\S.{0,500})\((\d{1,7}),(\d{1,7})\)$/.exec(line) ?? [];
  return file && row && column ? { file, line: Number(row), column: Number(column) } : undefined;
}
