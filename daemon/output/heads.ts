import type { SourcePlace } from "../../shared/model/output.ts";
import { parsePlace } from "../../shared/model/source-place.ts";
import { angular, nuxt, parcel, reactRouter, rspack, ruby, sites, wrangler } from "./bundlers.ts";
import { webpackPlace } from "./places.ts";
import { python } from "./python.ts";
import { type Head, type Recogniser, toMs } from "./signals.ts";

// Every pattern is anchored, has bounded repetitions and at most one open end: a hostile line costs its length.

/** Next 12 and 13: `error - ./app/page.tsx`, `- wait compiling /about (client and server)...`. */
const oldNext: Recogniser = (line) => {
  const [, before, after, said = ""] =
    /^(?:- (error|wait|event|warn)|(error|wait|event|warn) {1,2}-) (.{1,900})$/.exec(line) ?? [];
  const word = before ?? after;
  if (word === "wait") return /^compiling(?! \/_error)/.test(said) ? { is: "compiling" } : undefined;
  if (word === "event") return /^compiled\b/.test(said) ? { is: "compiled", tool: "next" } : undefined;
  if (word === "warn") return { is: "warning", message: said };
  return word === undefined ? undefined : nextError(said);
};

/** Next 16, with either bundler. */
const next: Recogniser = (line) => {
  const [, compiledMs, unit] =
    /^✓ (?:Compiled|Ready)(?: \S{1,300})? in (\d[\d.]{0,9}) ?(ms|s|min)\b/.exec(line) ?? [];
  if (compiledMs && unit) return { is: "compiled", tool: "next", ms: toMs(compiledMs, unit) };
  if (/^✓ (?:Compiled|Ready)\b/.test(line)) return { is: "compiled", tool: "next" };
  // The page that shows an error is compiled behind it, and that never ends with a word.
  if (/^○ Compiling (?!\/_error)/.test(line)) return { is: "compiling" };
  if (/^⚠ Found a change in .{1,200}Restarting the server/.test(line)) return { is: "compiling" };
  if (/^⚠ {2}/.test(line)) return undefined;
  if (line.startsWith("⚠ ")) return { is: "warning", message: line.slice(2) };
  if (!line.startsWith("⨯ ")) return undefined;
  return nextError(line.slice(2));
};

function nextError(said: string): Head {
  const unparsed = /^Error: Could not parse module '(\S{1,500})'$/.exec(said)?.[1];
  const place = modulePlace(unparsed ?? said);
  if (place) return { is: "error", tool: "next", phase: "build", place };
  return { is: "error", tool: "next", phase: "request", message: said };
}

/** `./app/page.js:3:9`, `./app/page.js`: Next names the module, then says what is wrong. */
export function modulePlace(text: string): SourcePlace | undefined {
  return /^(?:\.{1,2}\/|\[project\]\/)\S{1,500}$/.test(text) ? parsePlace(text) : undefined;
}

const served: Recogniser = (line) => {
  const [, route, status, value, unit] =
    /^ ?(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (\S{1,500}) (\d{3}) in (\d[\d.]{0,9}) ?(ms|s|min)\b/.exec(
      line,
    ) ?? [];
  if (!(route && status && value && unit)) return undefined;
  return { is: "served", route, status: Number(status), ms: toMs(value, unit) };
};

/** Vite 8, also inside other frameworks, of which VitePress signs what it says. */
const vite: Recogniser = (line) => {
  const [, readyMs] = /^ {0,2}VITE v\S{1,20} {1,2}ready in (\d{1,9}) ms/.exec(line) ?? [];
  if (readyMs) return { is: "compiled", tool: "vite", ms: Number(readyMs) };
  if (line.startsWith("[vite-node] Failed to execute file:")) return viteError("");
  const [tag] = /^\[vite(?:press)?\] (?:\([^)]{1,40}\) )?/.exec(line) ?? [];
  // A server that uses Vite prints the error itself.
  if (tag === undefined) return transformFailed.test(line) ? viteError("", "log") : undefined;
  const said = line.slice(tag.length);
  if (/^(?:page reload|hmr update) /.test(said)) return { is: "compiled", tool: "vite" };
  if (/^server restarted\.?$/.test(said)) return { is: "compiled", tool: "vite" };
  if (/ changed, restarting server\.\.\.$/.test(said)) return { is: "compiling" };
  if (said === "server restart failed") return { is: "failed", tool: "vite", message: said };
  const [, summary = ""] =
    /^(?:Internal server error|Pre-transform error|Error when evaluating SSR module \S{1,300}): ?(.*)$/.exec(
      said,
    ) ?? [];
  if (summary !== "") return viteError(summary);
  return /^Build failed with \d{1,5} errors?:$/.test(said) ? viteError("") : undefined;
};

/** Who asks for a module that isn't there. */
const importer =
  /^(?:Failed to resolve import "[^"]{1,300}" from "([^"]{1,300})"|Cannot find module '[^']{1,300}' imported from '([^']{1,300})'|Failed to load url .{1,300} in (\S{1,300})\. Does the file exist\?)/;

const transformFailed = /^Error: (?:Transform|Build) failed with \d{1,5} errors?:$/;

function viteError(summary: string, phase: "build" | "log" = "build"): Head {
  const isEmpty = summary === "" || /^(?:Transform|Build) failed with \d{1,5} errors?:$/.test(summary);
  const from = importer
    .exec(summary)
    ?.slice(1)
    .find((file) => file !== undefined);
  return {
    is: "error",
    tool: "vite",
    phase,
    ...(isEmpty ? {} : { message: summary }),
    ...(from === undefined ? {} : { place: { file: from } }),
  };
}

/** Expo's and React Native's Metro. */
const metro: Recogniser = (line) => {
  const [, bundled] = /^(?:Android|iOS|Web|tvOS|macOS|λ) Bundled (\d{1,9})ms\b/.exec(line) ?? [];
  if (bundled) return { is: "compiled", tool: "metro", ms: Number(bundled) };
  if (/^(?:Android|iOS|Web|tvOS|macOS|λ) Bundling failed\b/.test(line))
    return { is: "error", tool: "metro", phase: "build" };
  if (/^(?:Android|iOS|Web|tvOS|macOS|λ) [^▓░]{1,300}[▓░]/.test(line)) return { is: "compiling" };
  if (line.startsWith(" ERROR  "))
    return { is: "error", tool: "metro", phase: "log", message: line.slice(8) };
  return line.startsWith(" WARN  ") ? { is: "warning", message: line.slice(7) } : undefined;
};

const tsc: Recogniser = (line) => {
  const [, file, at, message] =
    /^(?:Error: )?([^\s:(][^:(]{0,300}(?::[^:(]{1,300})?)((?::\d{1,7}:\d{1,7} -)|(?:\(\d{1,7},\d{1,7}\):)) error (TS\d{1,6}: .*)$/.exec(
      line,
    ) ?? [];
  if (file && at && message) {
    const [row, column] = (at.match(/\d+/g) ?? []).map(Number);
    const place = { file, ...(row ? { line: row } : {}), ...(column ? { column } : {}) };
    return { is: "error", tool: "tsc", phase: "build", message, place };
  }
  // Of files that aren't there it names none.
  const [, unplaced] = /^error (TS\d{1,6}: .*)$/.exec(line) ?? [];
  if (unplaced) return { is: "error", tool: "tsc", phase: "build", message: unplaced };
  const [, checked] = /^ ?ERROR\((?:TypeScript|vue-tsc)\) {1,3}(.*)$/.exec(line) ?? [];
  if (checked) return { is: "error", tool: "tsc", phase: "build", message: checked };
  if (/^(?:Starting compilation in watch mode|File change detected\. Starting incremental)/.test(line))
    return { is: "compiling", tool: "tsc" };
  const [all, count] =
    /^(?:\[(?:TypeScript|vue-tsc)\] )?Found (\d{1,7}) errors?\. Watching for file changes/.exec(line) ?? [];
  if (count === undefined || all === undefined) return undefined;
  return count === "0"
    ? { is: "compiled", tool: "tsc" }
    : { is: "failed", tool: "tsc", message: `Found ${count} errors` };
};

const webpack: Recogniser = (given) => {
  const line = given.replace(/^<[iwe]> (?:\[webpack[^\]]{0,40}\] )?/, "");
  if (/^(?:webpack )?(?:Compiling\.\.\.|Compiling$)/.test(line)) return { is: "compiling" };
  const [, ms] = /^(?:webpack \S{0,20} ?)?[Cc]ompiled successfully(?: in (\d{1,9}) ?ms)?/.exec(line) ?? [];
  if (ms) return { is: "compiled", ms: Number(ms) };
  if (/^(?:webpack \S{0,20} ?)?[Cc]ompiled (?:successfully|with (?:\d{1,5} )?warnings?)/.test(line))
    return {
      is: "compiled",
      ...(/with/.test(line) ? { warnings: Number(/\d+(?= warning)/.exec(line)?.[0] ?? 1) } : {}),
    };
  if (
    /^(?:webpack \S{0,20} ?)?[Cc]ompiled with \d{1,5} errors?/.test(line) ||
    /^Failed to compile\.?$/.test(line)
  )
    return { is: "failed", tool: "webpack", message: line };
  const [, word, module] =
    /^(ERROR|WARNING) in (\S{1,500}(?: \d{1,7}:\d{1,7}(?:-\d[\d:]{0,14})?)?)(?: \(\S{1,900}\))?$/.exec(
      line,
    ) ?? [];
  if (!(word && module)) return undefined;
  const place = webpackPlace(module);
  if (word === "WARNING") return { is: "warning", ...(place ? { place } : {}) };
  return { is: "error", tool: "webpack", phase: "build", ...(place ? { place } : {}) };
};

const esbuild: Recogniser = (line) => {
  // Wrangler counts them first, then lists them further in.
  if (/^✘ \[ERROR\] Build failed with \d{1,5} errors?:/.test(line))
    return { is: "failed", tool: "wrangler", message: line.slice(10) };
  const [, listed] = /^ {0,2}✘ \[ERROR\] (.*)$/.exec(line) ?? [];
  if (listed !== undefined) return { is: "error", tool: "esbuild", phase: "build", message: listed };
  if (line.startsWith("▲ [WARNING] ")) return { is: "warning", message: line.slice(12) };
  if (line.startsWith("[watch] build started")) return { is: "compiling" };
  return line.startsWith("[watch] build finished") ? { is: "finished", tool: "esbuild" } : undefined;
};

/** Astro's own lines have a time of day before them, which is off here. */
const astro: Recogniser = (line) => {
  const [, ready] = /^ ?astro {1,2}v\S{1,20} ready in (\d{1,9}) ms/.exec(line) ?? [];
  if (ready) return { is: "compiled", tool: "astro", ms: Number(ready) };
  if (line.startsWith("[WARN] ")) return { is: "warning", message: line.slice(7) };
  if (line.startsWith("[ERROR] [config] ")) return { is: "failed", tool: "astro", message: line.slice(8) };
  if (line === "[ERROR] Continuing with previous valid configuration") return undefined;
  if (line === "Configuration file updated. Restarting...") return { is: "compiling" };
  if (line.startsWith("[ERROR] ")) {
    const message = (line.slice(8).split(" (The stacktrace appears")[0] ?? "").replace(/^\[vite\] /, "");
    const isBuild = /^(?:\[?CompilerError\]?|Could not import|Failed to |\[?PARSE_ERROR)/.test(message);
    return { is: "error", tool: "astro", phase: isBuild ? "build" : "request", message };
  }
  const [, status, route, ms] = /^\[(\d{3})\] (?:[A-Z]{3,7} )?(\S{1,500}) (\d{1,9})ms$/.exec(line) ?? [];
  if (!(status && route && ms)) return undefined;
  return { is: "served", route, status: Number(status), ms: Number(ms) };
};

/** Programs that start a server again when its files change. */
const watchers: Recogniser = (line) => {
  if (/^\[nodemon\] restarting /.test(line)) return { is: "compiling" };
  if (/^\[nodemon\] starting /.test(line)) return { is: "restarted" };
  if (/^\[nodemon\] app crashed/.test(line))
    return { is: "failed", tool: "nodemon", message: "The app crashed" };
  if (/^Restarting '.{1,300}'$/.test(line)) return { is: "restarted" };
  if (/^\[INFO\] \d{1,2}:\d{2}:\d{2} Restarting: /.test(line)) return { is: "restarted" };
  if (/^\[tsx\] (?:change in .{1,500} )?rerunning/i.test(line)) return { is: "restarted" };
  // Node's last word, below the error that ended it.
  if (/^Node\.js v\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(line))
    return { is: "failed", tool: "node", message: "The program crashed" };
  return /^Failed running '.{1,300}'/.test(line)
    ? { is: "failed", tool: "node", message: line.split(". ")[0] ?? line }
    : undefined;
};

const plain: Recogniser = (line) => {
  if (/^(?:\(node:\d{1,10}\) )?[A-Z]?[A-Za-z]{0,40}Warning: /.test(line))
    return { is: "warning", message: line };
  const isError =
    /^(?:Uncaught (?:\(in promise\) )?)?(?:[A-Z][\w$]{0,60})?(?:Error|Exception|Rejection)(?: \[[A-Z0-9_]{1,60}\])?(?:: |$)/.test(
      line,
    );
  return isError ? { is: "error", phase: "log", message: line } : undefined;
};

const recognisers = [
  ...[served, next, oldNext, nuxt, vite, reactRouter, metro, tsc, webpack, rspack, angular],
  ...[wrangler, esbuild, sites, watchers, parcel, python, ruby, plain],
];

/** What a line says by itself. @param timed whether a time of day stood before it */
export function headOf(line: string, timed: boolean): Head | undefined {
  if (timed || /^ ?astro {1,2}v/.test(line)) {
    const said = astro(line);
    if (said) return said;
  }
  for (const recognise of recognisers) {
    const head = recognise(line);
    if (head) return head;
  }
  return undefined;
}
