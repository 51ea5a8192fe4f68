/**
 * What a line of output says of a port: its URL, with the app's own name before it, or another part's; or that of something a
 * server opens beside itself.
 */
export type Mention = "own" | "other" | "unnamed" | "aside" | "none";

/** What the output says of a port. The last line with its URL counts. */
export function mentionOf(lines: readonly string[], port: number, app: string): Mention {
  const said = lines.filter((one) => urlAt(one, port) !== -1);
  const line = said.at(-1);
  if (line === undefined) return "none";
  const before = line.slice(0, urlAt(line, port)).toLowerCase();
  if (before.split(/[^a-z0-9_]+/).includes(app.toLowerCase())) return "own";
  if (isPart(before)) return "other";
  return said.every((one) => isAside(one, port)) ? "aside" : "unnamed";
}

const asideName = /\b(?:metrics|prometheus|exporter|health[ -]?checks?|bull[ -]?board|debugger|inspector)\b/i;
const asidePath = /^\/(?:metrics|healthz?|livez|readyz|queues|admin\/queues)(?![\w-])/;

/** Whether a line with a port's URL calls that something which a server opens beside itself. */
function isAside(line: string, port: number): boolean {
  const at = urlAt(line, port);
  const path = line.slice(at).replace(new RegExp(`^https?://[^\\s/]*:${port}`), "");
  return asidePath.test(path) || asideName.test(line.slice(0, at));
}

/** What a server puts before its own lines: its program's name, a level (`[wrangler:info]`), the time. */
const ownPrefix =
  /^\[(?:(?:vite|astro|next|nuxt|nitro|webpack|nodemon|wrangler)|(?:[\w@./-]{1,40}[: ])?(?:info|warn|error|debug|log|ready)|\d[^\]]{0,20})\]/;

/** Whether a runner's name for a part stands before a line: `[api] `, `api:dev: `, `packages/api dev: `. */
function isPart(before: string): boolean {
  if (ownPrefix.test(before)) return false;
  return /^(?:\[[^\]\s]{1,40}\] |[\w@/.-]{1,60}:[a-z][\w-]{0,30}: |[\w@./-]{1,80}\/[\w@-]{1,40} [a-z][\w:-]{0,30}: )/.test(
    before,
  );
}

/**
 * Whether a program says of a port that it listens there, without a URL: `Server running on port 4000`, as an API does that has
 * nothing at `/`.
 */
export function saysPort(lines: readonly string[], port: number): boolean {
  const number = new RegExp(`(?<![\\d.])${port}(?![\\d.])`);
  return lines.some(
    (line) =>
      number.test(line) &&
      listens.test(line) &&
      ![asideName, besideApp].some((one) => one.test(line)) &&
      !isPart(line),
  );
}

/** Whether a program says nothing of listening: what answers may be all there is. */
export function saysNoPort(lines: readonly string[]): boolean {
  return !lines.some((line) => listens.test(line) && /(?<![\d.])\d{2,5}(?![\d.])/.test(line));
}

const listens = /\b(?:port|listen(?:ing|s)?|running|started|up on)\b/i;
/** What else listens beside an app. */
const besideApp =
  /\b(?:hmr|hot reload|live ?reload|web ?sockets?|ws|ipc|grpc|admin|health|redis|postgres\w*|mongo\w*|database|taken|in use)\b/i;

export function urlAt(line: string, port: number): number {
  return line.search(new RegExp(`https?://[^\\s/]{0,200}:${port}(?!\\d)`));
}
