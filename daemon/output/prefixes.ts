/** Tags that tools put before their own lines: no names of parts of the server, unless a runner has a part so named. */
const toolTags =
  /^(?:vite|vite-node|vitepress|react-router|astro|watch|nodemon|webpack-(?:cli|dev-server|dev-middleware)|tsl|hmr|hpm|tsx|wrangler(?::\w{1,10})?|error|warn|warning|info|debug|log|router|typescript|vue-tsc)$/i;
/** Codes (`PARSE_ERROR`), statuses (`200`) and times of day. */
const codes = /^(?:\d{3}|[A-Z][A-Z0-9_]+|\d{1,2}:\d{2}:\d{2})$/;
/** `[web] `, as `concurrently` and `run-p` write it. */
const bracketed = /^\[([^\]\s]{1,40})\] ?/;
/** `web:dev: `, as `turbo` writes it. */
const named = /^([\w@/.-]{1,60}:[a-z][\w-]{0,30}): /;
/** `packages/web dev: `, as `pnpm -r` writes it. */
const inWorkspace = /^([\w@][\w@.-]{0,40}(?:\/[\w@.-]{1,40}){0,6}\/[\w@-]{1,40} [a-z][\w:-]{0,30}): ?/;
/** `16:49:18 `, `4:48:06 PM `, `[05:06:11 PM] `, `4:48:06 PM - ` */
const clock = /^\[?\d{1,2}:\d{2}:\d{2}(?: [AP]M)?\]?(?: -)? /;

/**
 * `● Client ████ (100%) emitting after emit      `: a bar as wide as the terminal, behind which the next line goes on
 * without a line feed.
 */
const bar = /^● [\w -]{1,40} [█▓▒░]{10,200} \(\d{1,3}%\) .{0,200}?\s{2,400}(?=\S)/;

/** A line without what a runner and a tool's clock put before it. */
export interface BareLine {
  /** The part of the server that wrote it, where a runner says so. */
  readonly source: string | undefined;
  readonly text: string;
  /** Whether a time of day stood before it. */
  readonly timed: boolean;
}

/** Takes prefixes off the lines of one launch. */
export class Prefixes {
  /** Parts that a runner named like a tool (`concurrently -n vite,tsc`), in lower case: at most one for each tag. */
  readonly #parts = new Set<string>();

  strip(written: string): BareLine {
    const line = written.startsWith("● ") ? written.replace(bar, "") : written;
    const [tag, name] = bracketed.exec(line) ?? named.exec(line) ?? inWorkspace.exec(line) ?? [];
    const isSource = tag !== undefined && name !== undefined && this.#isPart(name, line.slice(tag.length));
    const own = isSource ? line.slice(tag.length) : line;
    const [time] = clock.exec(own) ?? [];
    return {
      source: isSource ? name : undefined,
      text: own.slice(time?.length ?? 0),
      timed: time !== undefined,
    };
  }

  /** A tool tags a line once: with its tag twice, or before its greeting, the first is a runner's. */
  #isPart(name: string, rest: string): boolean {
    if (codes.test(name)) return false;
    if (!toolTags.test(name)) return true;
    const known = name.toLowerCase();
    const said = rest.replace(clock, "");
    if (said.startsWith(`[${name}]`) || (known === "vite" && /^ {1,2}VITE v\d/.test(said)))
      this.#parts.add(known);
    return this.#parts.has(known);
  }
}
