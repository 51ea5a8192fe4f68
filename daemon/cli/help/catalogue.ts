import type { OperationName } from "../../../shared/operations/operations.ts";

/** A command line that works, and what it does where that isn't plain. */
export interface Example {
  readonly line: string;
  readonly purpose: string;
}

/** What help says of a verb beside what its operation declares. */
export interface Entry {
  /** Where it stands in the list of all. */
  readonly group: (typeof groups)[number];
  /** What it does, in the few words of a list. */
  readonly brief: string;
  readonly examples: readonly [Example, Example];
}

/** As they follow each other in the list. */
export const groups = ["Servers:", "Once at a time:", "What goes on:", "Devlatch itself:"] as const;
const [servers, once, sight, itself] = groups;

/** Verbs that no other client has. */
type OwnVerb = "overview" | "completion" | "try" | "help" | "mcp" | "guard" | "init";

function entry(group: Entry["group"], brief: string, ...lines: [Line, Line]): Entry {
  const [first, second] = lines;
  return { group, brief, examples: [example(first), example(second)] };
}

type Line = readonly [line: string, purpose: string];

function example([line, purpose]: Line): Example {
  return { line: `devlatch ${line}`.trim(), purpose };
}

/** Every verb: leaving one out doesn't compile. */
export const catalogue: Readonly<Record<OperationName | OwnVerb, Entry>> = {
  start: entry(
    servers,
    "start an app's server, or reuse the one that runs",
    ["start", "all that belongs together here"],
    ["start web --port 4000", "on another port"],
  ),
  stop: entry(
    servers,
    "stop it with all it started, and free its port",
    ["stop", "what runs of this project"],
    ["stop web --yes", "also while others use it"],
  ),
  restart: entry(
    servers,
    "stop it if it runs, then start it",
    ["restart api --dependents", "with what depends on it and runs"],
    ["restart web -- npx next dev --turbo", "with another command"],
  ),
  dev: entry(
    servers,
    "in the foreground, made to stand in a script",
    ["dev -- next dev", 'in package.json: "dev": "devlatch dev -- next dev"'],
    ["dev web", "join it; Ctrl-C leaves it to others"],
  ),
  with: entry(
    servers,
    "run a command while servers are up",
    ["with web api -- npx playwright test", ""],
    ["with api --timeout 120 -- npm run e2e", "wait two minutes for it"],
  ),
  status: entry(
    servers,
    "what runs, this project first",
    ["status --long", "with CPU, memory, process and directory"],
    ["status --watch", "one screen that renews itself, with keys"],
  ),
  logs: entry(
    servers,
    "what it wrote",
    ["logs web --follow", "as it comes"],
    ["logs --since 10m --search error", "of all apps here"],
  ),
  wait: entry(
    servers,
    "wait until the last change is built; list its errors",
    ["wait web", ""],
    ["wait web --visit /shop --timeout 120", "a page that is compiled when asked for"],
  ),
  attach: entry(
    servers,
    "its own terminal, to see and to type",
    ["attach mobile", "its keys and QR code; Ctrl-] leaves it running"],
    ["attach", "the only one that runs here"],
  ),
  open: entry(
    servers,
    "its page in the browser",
    ["open", ""],
    ["open docs --timeout 120", "start it, if it doesn't run"],
  ),
  run: entry(
    once,
    "run a command at most once at a time",
    ["run build -- npm run build", ""],
    ["run test --once -- npm test", "the last result, if nothing differs"],
  ),
  sandbox: entry(
    once,
    "claim a worktree of one's own, with ports",
    ["sandbox claim --wait 60", "wait a minute where all are taken"],
    ["sandbox release", "the one this directory is in"],
  ),
  env: entry(
    once,
    "the ports of this checkout, for a shell",
    ["env", 'eval "$(devlatch env)"'],
    ["env --app api", "PORT is that of api"],
  ),
  port: entry(
    sight,
    "who listens on a port; free it",
    ["port 3000", ""],
    ["port 3000 --free", "end them, after asking"],
  ),
  locks: entry(
    sight,
    "who holds a lock, and who waits",
    ["locks --watch", "as they change"],
    ["locks --break run:sb_1f2e:build", "take it from its owner, after asking"],
  ),
  journal: entry(
    sight,
    "what happened on this machine",
    ["journal --since 1h", ""],
    ["journal --kind signal", "every signal that was sent"],
  ),
  health: entry(
    sight,
    "store, databases, machine and servers, checked now",
    ["health", ""],
    ["health --history --since 2d", "how they were"],
  ),
  alerts: entry(
    sight,
    "what is wrong now, and what helps",
    ["alerts snooze ID --for 2h", ""],
    ["alerts mute health", "no more of this kind"],
  ),
  metrics: entry(
    sight,
    "figures of locks, for Prometheus",
    ["metrics", ""],
    ["metrics --json", "the same text in a document"],
  ),
  detect: entry(
    sight,
    "what can be started here",
    ["detect", ""],
    ["detect -- npm run dev", "is this a dev server, and which?"],
  ),
  daemon: entry(
    itself,
    "start, stop or show the daemon; servers run on",
    ["daemon status", ""],
    ["daemon stop", "the next command starts it again"],
  ),
  doctor: entry(
    itself,
    "what is wrong or left over, and its remedy",
    ["doctor", ""],
    ["doctor --fix", "and do it, after asking for each"],
  ),
  diagnostics: entry(
    itself,
    "one redacted file for a bug report",
    ["diagnostics", ""],
    ["diagnostics --output report.txt", "to a file of your choice"],
  ),
  overview: entry(
    itself,
    "this project; as devlatch alone",
    ["overview", ""],
    ["overview --cwd apps/web", "of another directory"],
  ),
  completion: entry(
    itself,
    "what completes words in your shell",
    ["completion bash", "in ~/.bashrc: source <(devlatch completion bash)"],
    ["completion fish", "in config.fish: devlatch completion fish | source"],
  ),
  try: entry(
    itself,
    "start the example app, and say what to try",
    ["try", ""],
    ["try --cwd ../shop", "with a project of yours"],
  ),
  help: entry(
    itself,
    "pages of help, or the help of a verb",
    ["help agents", "a page"],
    ["help start", "the same as devlatch start --help"],
  ),
  mcp: entry(
    itself,
    "serve coding agents (MCP)",
    ["mcp", "what an agent's configuration names"],
    ["mcp --cwd apps/web", "for an agent that doesn't say where it works"],
  ),
  guard: entry(
    itself,
    "the hook that answers an agent's command lines",
    ["guard", "as its hook: reads one call, answers it or lets it pass"],
    ["guard --quiet", "the same: it never says more than its answer"],
  ),
  init: entry(
    itself,
    "set a repository up for coding agents",
    ["init --for claude,cursor", "shows each change, then asks"],
    ["init --remove", "take all of it out again"],
  ),
};
