import type { SourcePlace } from "../../shared/model/output.ts";
import { parsePlace } from "../../shared/model/source-place.ts";
import type { Tool } from "./signals.ts";

/** What a line says of the error it belongs to; nothing where it belongs to it and says nothing more. */
export interface Said {
  readonly message?: string;
  readonly place?: SourcePlace;
}

/** What is known of an error. */
export interface KnownOfError {
  readonly message: string | undefined;
  readonly place: SourcePlace | undefined;
}

/** Reads the lines of one error in the words of its tool. @returns undefined for a line that isn't in them */
export type ReportReader = (line: string, known: KnownOfError) => Said | undefined;

/** @returns a reader for one error; undefined where the tool's words are those of most */
export function reportReaderOf(tool: Tool | undefined): ReportReader | undefined {
  switch (tool) {
    case "rspack":
    case "webpack":
      return rspackReader();
    case "vite":
      return viteReader();
    case "nuxt":
      return nuxtLine;
    case "eleventy":
      return eleventyLine;
    case "parcel":
      return parcelLine;
    case "tsc":
      return checkerLine;
    default:
      return undefined;
  }
}

/** Rspack draws causes as a tree, and the code with a mark below the place, in columns of a drawing of its own. */
function rspackReader(): ReportReader {
  let row: number | undefined;
  return (line, { message, place }) => {
    if (message !== undefined && isOfLoader(message)) {
      const said = cssLine(line) ?? thrownLine(line);
      if (said) return said;
    }
    const file = /^File: (\S{1,500}?)(?::\d{1,7}:\d{1,7}(?:-[\d:]{1,20})?)?$/.exec(line)?.[1];
    if (file !== undefined) return { place: parsePlace(file) ?? { file } };
    const [, named, from] = /^[\s│]{0,60}╭─\[(?:(\S.{0,500}):)?(\d{1,7}):\d{1,7}\]$/.exec(line) ?? [];
    if (from !== undefined)
      return named === undefined ? {} : { place: { file: parsePlace(named)?.file ?? named } };
    const code = /^[\s│]{0,60}?(\d{1,7}) │/.exec(line)?.[1];
    if (code !== undefined) row = Number(code);
    const marked = /^[\s│]{0,60}·\s{1,900}[─┬▲]/.exec(line)?.[0];
    if (marked !== undefined && row !== undefined && place !== undefined && place.line === undefined)
      return { place: { ...place, line: row, column: marked.length - 1 - marked.indexOf("·") - 1 } };
    const cause = /^[\s│]{0,60}Cause: (.{1,500})$/.exec(line)?.[1];
    if (cause !== undefined) return ofCause(cause, place);
    const said = /^[\s│├╰─▶]{0,60}(?:× {1,8}){1,8}(\S.{0,900})$/.exec(line)?.[1];
    if (said === undefined) return undefined;
    const isMore = message === undefined || /^Module [a-z]{1,20} failed/.test(message);
    if (!isMore || said === "Syntax Error") return {};
    const inFile = /for file "([^"]{1,500})"/.exec(said)?.[1];
    return { message: said, ...(inFile === undefined ? {} : { place: { file: inFile } }) };
  };
}

/** Whether a message of webpack only says which loader failed: what it threw stands below. */
export function isOfLoader(message: string): boolean {
  return /^Module build failed \(from \S{1,500}\):$/.test(message);
}

function thrownLine(line: string): Said | undefined {
  const [, message] = /^(?:[A-Z]\w{0,60})?Error(: \S.{0,900})?$/.exec(line) ?? [undefined, undefined];
  if (message !== undefined) return { message: line };
  return /^(?:[A-Z]\w{0,60})?Error$/.test(line) ? {} : undefined;
}

/** `(1:1) /app/a.css Unclosed block`: what PostCSS says in webpack. */
function cssLine(line: string): Said | undefined {
  const [, row, column, file, message] =
    /^\((\d{1,7}):(\d{1,7})\) ((?:\/|[A-Za-z]:[\\/])\S{1,500}) (\S.{0,500})$/.exec(line) ?? [];
  if (!(row && column && file && message)) return undefined;
  return { message, place: { file, line: Math.max(1, Number(row)), column: Math.max(1, Number(column)) } };
}

function ofCause(cause: string, place: SourcePlace | undefined): Said {
  const [, message, line, column] = /^(.{1,500}?) \((\d{1,7}):(\d{1,7})[^)]{0,40}\)$/.exec(cause) ?? [];
  if (!(place && message && line && column)) return { message: cause };
  const at = { line: Math.max(1, Number(line)), column: Math.max(1, Number(column)) };
  return { message, place: { file: place.file, ...at } };
}

/** Vite's words, and those of compilers in it. */
function viteReader(): ReportReader {
  const vue = vueReader();
  return (line, known) => esbuildLine(line) ?? vue(line, known);
}

/** `/app/home.jsx:8:0: ERROR: Unexpected end of file`: esbuild, with columns from 0. */
function esbuildLine(line: string): Said | undefined {
  const [, file, row, column, message] = /^(\S.{0,500}?):(\d{1,7}):(\d{1,7}): ERROR: (.+)$/.exec(line) ?? [];
  if (!(file && row && column && message)) return undefined;
  return { message, place: { file, line: Math.max(1, Number(row)), column: Number(column) + 1 } };
}

/**
 * Vue's compiler names the file on a line of its own, then shows the code with a caret. The place that Vite gives below is
 * that within a block of the component.
 */
function vueReader(): ReportReader {
  let row: number | undefined;
  return (line, { message, place }) => {
    if (!message?.startsWith("[vue/compiler-sfc]")) return undefined;
    const [file] = /^(?:\/|[A-Za-z]:[\\/])[^:*?"<>|]{1,500}\.\w{1,10}$/.exec(line) ?? [];
    if (file !== undefined) return { place: { file } };
    const code = /^(\d{1,7}) {1,3}\|/.exec(line)?.[1];
    if (code !== undefined) row = Number(code);
    if (code !== undefined || (row !== undefined && /^ {2}File: /.test(line))) return {};
    const caret = /^ {3}\| {2,900}\^/.exec(line)?.[0];
    if (caret === undefined || row === undefined || place === undefined) return undefined;
    // Of a page in Markdown it shows what was made of it.
    if (place.file.endsWith(".md")) return {};
    return {
      message: message.replace(/ \(\d{1,7}:\d{1,7}\)$/, ""),
      place: { file: place.file, line: row, column: caret.length - 6 },
    };
  };
}

/** Parcel names the package that found it before what is wrong, and the place below. */
const parcelLine: ReportReader = (line, { message, place }) => {
  const said = /^@parcel\/[\w-]{1,60}: (.{1,900})$/.exec(line)?.[1];
  if (said !== undefined) return message === undefined ? { message: said } : undefined;
  const at = place === undefined ? /^ {2}(\S.{0,500}:\d{1,7}:\d{1,7})$/.exec(line)?.[1] : undefined;
  const found = at === undefined ? undefined : parsePlace(at);
  return found && { place: found };
};

/** ` FILE  /app/src/b.ts:1:14`, as a type checker in Vite's terminal has it. */
const checkerLine: ReportReader = (line) => {
  const at = /^ ?FILE {1,3}(\S.{0,500}:\d{1,7}:\d{1,7})$/.exec(line)?.[1];
  const place = at === undefined ? undefined : parsePlace(at);
  return place && { place };
};

/** `ℹ Error: /app.vue — Unexpected token (2:10)`: the row is that within a block of the component. */
const nuxtLine: ReportReader = (line, { message }) => {
  // Below it stands the cause as an object, whose hint is coloured in escapes that were written out.
  if (/^(?:\[CAUSE\]|Error \{)$/.test(line)) return {};
  const plain = line.startsWith("  ") ? line.replaceAll(/\\x1B\[[\d;]{0,20}m/g, "") : line;
  const hint = /^ {2}hint: '(.{1,500}?)(?:\\n)?' \+$/.exec(plain)?.[1];
  if (hint !== undefined && /^Transform failed with/.test(message ?? "")) return { message: hint };
  const drawn = /^ {2}(\S{1,500}:\d{1,7}:\d{1,7}) \]/.exec(plain)?.[1];
  if (drawn !== undefined) return { place: parsePlace(drawn) ?? { file: drawn } };
  const [, at] = /^ {0,2}(\/\S{1,500}:\d{1,7}:\d{1,7})$/.exec(line) ?? [];
  const place = at === undefined ? undefined : parsePlace(at);
  if (place) return { place };
  const said = /^ℹ (?:Error: )?(.{1,900})$/.exec(line)?.[1];
  if (said === undefined || message !== undefined) return undefined;
  const [, file, text, row, column] =
    /^\/(\S{1,300}) — (.{1,500}?)(?: \((\d{1,7}):(\d{1,7})\))?$/.exec(said) ?? [];
  if (file === undefined || text === undefined) return { message: said };
  const isWhole = row !== undefined && column !== undefined && !file.endsWith(".vue");
  const exact = isWhole ? { line: Math.max(1, Number(row)), column: Number(column) + 1 } : {};
  return {
    message: isWhole || row === undefined ? text : `${text} (${row}:${column})`,
    place: { file, ...exact },
  };
};

/** Eleventy numbers what went wrong from the outside in. */
const eleventyLine: ReportReader = (line) => {
  const [, trace] = /^Original error stack trace: ?(\S.{0,500}:\d{1,7})?/.exec(line) ?? [];
  const thrown = trace === undefined ? undefined : parsePlace(trace);
  if (thrown?.line !== undefined) return { place: thrown };
  if (/^Original error stack trace:/.test(line)) return {};
  const item =
    /^\d{1,2}\. (.{1,900})$/.exec(line)?.[1] ?? /^(?: {2}(?=\S)| (?=\(\/))(.{1,900})$/.exec(line)?.[1];
  if (item === undefined) return undefined;
  const config = /'(\S{1,300}\.[cm]?[jt]s)'/.exec(item)?.[1];
  if (config !== undefined)
    return { message: item.replace(/ \(via [^)]{1,80}\)$/, ""), place: { file: config } };
  const [, file, row, column] =
    /((?:\.|(?<=\())\/[^\s()]{1,300})\)?(?: \[Line (\d{1,7}), Column (\d{1,7})\])?/.exec(item) ?? [];
  if (file === undefined) return { message: item.replace(/ \(via [^)]{1,80}\)$/, "") };
  const place = parsePlace(file) ?? { file };
  const exact = row && column ? { line: Math.max(1, Number(row)), column: Math.max(1, Number(column)) } : {};
  return { ...(item.startsWith("(") ? {} : { message: item }), place: { file: place.file, ...exact } };
};
