/** Tags that tools put before their own lines: no names of parts of the server. */
const toolTags =
  /^(?:vite|astro|types|content|build|watch|nodemon|webpack-dev-server|webpack|hmr|hpm|tsc|esbuild|error|warn|warning|info|debug|log|router)$/i;
/** Codes (`PARSE_ERROR`), statuses (`200`) and times of day. */
const codes = /^(?:\d{3}|[A-Z][A-Z0-9_]+|\d{1,2}:\d{2}:\d{2})$/;
/** `[web] `, as `concurrently` writes it. */
const bracketed = /^\[([^\]\s]{1,40})\] ?/;
/** `web:dev: `, as `turbo` writes it. */
const named = /^([\w@/.-]{1,60}:[a-z][\w-]{0,30}): /;
/** `16:49:18 `, `4:48:06 PM `, `[05:06:11 PM] `, `4:48:06 PM - ` */
const clock = /^\[?\d{1,2}:\d{2}:\d{2}(?: [AP]M)?\]?(?: -)? /;

/** A line without what a runner and a tool's clock put before it. */
export interface BareLine {
  /** The part of the server that wrote it, where a runner says so. */
  readonly source: string | undefined;
  readonly text: string;
  /** Whether a time of day stood before it. */
  readonly timed: boolean;
}

export function stripPrefixes(line: string): BareLine {
  const [tag, name] = bracketed.exec(line) ?? named.exec(line) ?? [];
  const isSource = tag !== undefined && name !== undefined && !toolTags.test(name) && !codes.test(name);
  const own = isSource ? line.slice(tag.length) : line;
  const [time] = clock.exec(own) ?? [];
  return {
    source: isSource ? name : undefined,
    text: own.slice(time?.length ?? 0),
    timed: time !== undefined,
  };
}
