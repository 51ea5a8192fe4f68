import { parsePlace } from "../../shared/model/source-place.ts";
import type { Head, Recogniser } from "./signals.ts";

// Every pattern is anchored, has bounded repetitions and at most one open end: a hostile line costs its length.

/** Rspack, in its own command line, Rsbuild's and Docusaurus'. */
export const rspack: Recogniser = (line) => {
  if (/^start {3}build(?:ing\b| started)/.test(line)) return { is: "compiling", tool: "rspack" };
  if (/^ready {3}built in /.test(line)) return { is: "compiled", tool: "rspack" };
  if (/^error {3}build failed in /.test(line)) return failed("rspack", line.slice(8));
  if (/^error {3}Build error: ?$/.test(line)) return { is: "error", tool: "rspack", phase: "build" };
  const [, message] =
    /^ {0,4}× ((?:Module [a-z]{1,20} failed|Module not found|ESModulesLinking).*)$/.exec(line) ?? [];
  if (message !== undefined) return { is: "error", tool: "rspack", phase: "build", message };
  const [, outcome] =
    /^(?:\S{1,40} \((?:Rspack|webpack) \S{1,30}\)|Rspack(?: \S{1,30})?) compiled (.+)$/.exec(line) ?? [];
  if (outcome === undefined) return undefined;
  if (/^with \d{1,5} errors?/.test(outcome)) return failed("rspack", line);
  const warnings = /^with (\d{1,5}) warnings?/.exec(outcome)?.[1];
  return { is: "compiled", tool: "rspack", ...(warnings ? { warnings: Number(warnings) } : {}) };
};

/** What React Router says of its routes, in Vite's terminal; of all else Vite speaks. */
export const reactRouter: Recogniser = (line) => {
  const [, said = ""] = /^\[react-router\] {1,2}(\S.{0,500})$/.exec(line) ?? [];
  if (/^(?:Route config|Config) (?:changed|saved)\.?$/.test(said)) return { is: "compiled", tool: "vite" };
  const isBroken =
    /^Route config (?:in "[^"]{1,300}" (?:is invalid|must be an array)|must be the default export in ".{1,300}")\.$/.test(
      said,
    );
  if (isBroken) return { is: "error", tool: "vite", phase: "build", message: said };
  const [, file, message] = /^Error loading (\S{1,500}): (?:Error: )?(.{1,500})$/.exec(said) ?? [];
  if (!(file && message)) return undefined;
  return { is: "error", tool: "vite", phase: "build", message, place: { file } };
};

/** Angular's command line, with either of its builders. */
export const angular: Recogniser = (line) => {
  if (/^[◼⠀-⣿] (?:Building|Changes detected\. Rebuilding)\.\.\./.test(line))
    return { is: "compiling", tool: "angular" };
  if (/^Application bundle generation complete\./.test(line)) return { is: "compiled", tool: "angular" };
  if (/^[✔√] Compiled successfully/.test(line)) return { is: "compiled", tool: "angular" };
  if (/^Application bundle generation failed\./.test(line))
    return failed("angular", "Application bundle generation failed");
  return /^[✖×] Failed to compile/.test(line) ? failed("angular", "Failed to compile") : undefined;
};

export const wrangler: Recogniser = (line) => {
  if (/^⎔ (?:Starting|Reloading) local server/.test(line)) return { is: "compiling", tool: "wrangler" };
  if (/^⎔ Local server updated and ready/.test(line)) return { is: "compiled", tool: "wrangler" };
  const [, tone, said] = /^\[wrangler:(info|error|warn)\] (.*)$/.exec(line) ?? [];
  if (said === undefined) return undefined;
  if (tone === "warn") return { is: "warning", message: said };
  if (tone === "error") return { is: "error", tool: "wrangler", phase: "log", message: said };
  if (/^Ready on /.test(said)) return { is: "compiled", tool: "wrangler" };
  const [, route, status, ms] =
    /^[A-Z]{3,7} (\S{1,500}) (\d{3}) [\w ]{0,40}\((\d{1,9})ms\)$/.exec(said) ?? [];
  if (!(route && status && ms)) return undefined;
  return { is: "served", route, status: Number(status), ms: Number(ms) };
};

/** The time that Nuxt puts at the end of a line. */
const endTime = /\s{2,200}(?:\w{1,20} )?\d{1,2}:\d{2}:\d{2} [AP]M$/;

export const nuxt: Recogniser = (line) => {
  if (/^✔ (?:Vite (?:client|server)|Nuxt Nitro server) built in /.test(line))
    return { is: "compiled", tool: "nuxt" };
  if (/^✔ Vite (?:client|server) hmr \d{1,6} files? in /.test(line)) return { is: "compiled", tool: "nuxt" };
  if (/^ℹ \S{1,300} updated\. Restarting Nuxt/.test(line)) return { is: "compiling", tool: "nuxt" };
  if (/^ ?ERROR {2}\[request error\]/.test(line)) return { is: "error", tool: "nuxt", phase: "request" };
  const [, page, wrong] = /^ ?ERROR {2}\/(\S{1,300}) — (.{1,700})$/.exec(line) ?? [];
  if (page && wrong) {
    const place = { file: page };
    return { is: "error", tool: "nuxt", phase: "request", message: wrong.replace(endTime, ""), place };
  }
  const [, message] = /^ ?ERROR {2}(Cannot (?:re)?start nuxt: .*)$/.exec(line) ?? [];
  if (message === undefined) return undefined;
  return {
    is: "error",
    tool: "nuxt",
    phase: "build",
    message: message.replace(endTime, "").replace(/: {2,}/, ": "),
  };
};

/** Eleventy, whose tag is taken for that of a part; Storybook. */
export const sites: Recogniser = (line) => {
  if (/^File (?:changed|added|deleted): /.test(line)) return { is: "compiling", tool: "eleventy" };
  if (/^(?:Problem writing Eleventy templates|Eleventy (?:watch|config|fatal) error):/i.test(line))
    return { is: "error", tool: "eleventy", phase: "build" };
  if (/^Wrote \d{1,7} files? in /.test(line)) return { is: "finished", tool: "eleventy" };
  return /^[│ ]{0,4}Storybook \S{1,30} (?:for .{1,60} )?(?:started|ready)/.test(line)
    ? { is: "compiled" }
    : undefined;
};

export const parcel: Recogniser = (line) => {
  if (/^[⠀-⣿] Building \S.{0,300}\.\.\.$/.test(line)) return { is: "compiling", tool: "parcel" };
  if (/^🚨 Build failed\.$/u.test(line)) return { is: "error", tool: "parcel", phase: "build" };
  return /^✨ Built in \d/.test(line) ? { is: "compiled", tool: "parcel" } : undefined;
};

/** Ruby names the place of an error before it. */
export const ruby: Recogniser = (line) => {
  const [, at, said] = /^(\S{1,300}\.(?:rb|ru):\d{1,7}):(?:in [`'].{1,200}?':)? (.{1,800})$/.exec(line) ?? [];
  if (!(at && said) || !/\([A-Z][\w:]{0,80}\)$|syntax error/.test(said)) return undefined;
  const place = parsePlace(at);
  return { is: "error", tool: "ruby", phase: "log", message: said, ...(place ? { place } : {}) };
};

function failed(tool: "rspack" | "angular", message: string): Head {
  return { is: "failed", tool, message };
}
