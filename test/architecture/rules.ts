/** What the files of one folder may import. The most specific folder's rule holds. */
export interface FolderRule {
  /** A folder, or a file, relative to the repository. */
  readonly folder: string;
  /** Folders and files it may import from, besides itself. */
  readonly may: readonly string[];
  /** What to do instead of the import that isn't allowed. */
  readonly instead: string;
}

const client =
  "A client knows the daemon only through the protocol: call it over the connection of shared/client, and move what both sides need to shared.";
const narrow =
  "Declare the narrow interface you need where you need it and take it in the constructor; daemon/main.ts wires the parts together.";
const lower = ["shared", "daemon/store", "daemon/processes"];
const wiring = "The daemon doesn't know its clients (cli, mcp, extension): move what both need to shared.";
/** Everything of the daemon but its clients, which only share its folder. */
const daemonParts = [
  "daemon/daemon.ts",
  "daemon/wiring",
  "daemon/lifecycle",
  "daemon/cleanup",
  "daemon/doctor",
  "daemon/rpc",
  "daemon/methods",
  "daemon/servers",
  "daemon/snapshot",
  "daemon/sessions",
  "daemon/runs",
  "daemon/sandboxes",
  "daemon/holders",
  "daemon/locks",
  "daemon/monitor",
  "daemon/health",
  "daemon/resources",
  "daemon/language",
  "daemon/hosts",
  "daemon/host",
  "daemon/detect",
  "daemon/threads",
  "daemon/journal",
  "daemon/alerts",
  "daemon/output",
  "daemon/store",
  "daemon/processes",
];
/** The interface to workspaces; how they are read stays in daemon/detect. */
const contracts = ["daemon/detect/workspace.ts"];
/** What methods and use cases call. */
const rooms = [
  "daemon/sessions",
  "daemon/runs",
  "daemon/sandboxes",
  "daemon/holders",
  "daemon/cleanup",
  "daemon/doctor",
  "daemon/locks",
  "daemon/threads",
  "daemon/journal",
  "daemon/alerts",
  "daemon/monitor",
  "daemon/health",
  "daemon/resources",
  "daemon/output",
  "daemon/language",
];
/** What a session host and the daemon's side of it both read: the protocol between them, and the files a host keeps. */
const ofHosts = [
  "daemon/host/protocol.ts",
  "daemon/host/framing.ts",
  "daemon/host/description-file.ts",
  "daemon/host/host-key.ts",
  "daemon/host/ledger.ts",
];

/** The direction of imports, from DESIGN.md "Layout". */
export const folderRules: readonly FolderRule[] = [
  {
    folder: "shared",
    may: [],
    instead: "shared imports nothing outside itself: move what you need to shared, or move this file out.",
  },
  {
    folder: "shared/base",
    may: [],
    instead: "shared/base knows nothing of Devlatch: move this file to shared/model.",
  },
  {
    folder: "shared/model",
    may: ["shared/base"],
    instead: "The model knows no messages and no connections: move this to shared/protocol or shared/client.",
  },
  {
    folder: "shared/rpc",
    may: ["shared/base"],
    instead:
      "shared/rpc carries, asks and answers the messages of any table and knows none: the table belongs to shared/protocol, or to the folder whose matter it is.",
  },
  {
    folder: "shared/protocol",
    may: ["shared/base", "shared/model", "shared/rpc"],
    instead:
      "The protocol only describes messages: put what uses them in shared/operations or shared/client.",
  },
  {
    folder: "shared/windows",
    may: ["shared/base"],
    instead: "shared/windows asks Windows for owners and access lists, and knows nothing of Devlatch.",
  },
  {
    folder: "shared/operations",
    may: ["shared/base", "shared/model", "shared/protocol"],
    instead: "Operations are declared without a connection: the caller hands it in.",
  },
  {
    folder: "shared/client",
    may: ["shared/base", "shared/model", "shared/rpc", "shared/protocol", "shared/windows"],
    instead: "The client speaks the protocol and knows no operations: build on it from the outside.",
  },
  {
    folder: "shared/agents",
    may: ["shared/base", "shared/model", "shared/protocol", "shared/operations"],
    instead:
      "Tools are operations for agents and know no client: the caller hands in what sends, and who can be asked.",
  },
  {
    folder: "shared/diagnostics",
    may: ["shared/base", "shared/model", "shared/protocol", "shared/client"],
    instead:
      "Diagnostics are collected through the protocol and from files: the caller hands in what only it knows.",
  },
  { folder: "extension", may: ["shared"], instead: client },
  {
    folder: "extension/state",
    may: ["shared", "extension/connection", "extension/contributions"],
    instead: "State follows the connection and is shown by views: fire an event instead of calling them.",
  },
  {
    folder: "extension/views",
    may: ["shared/base", "shared/model", "extension/state", "extension/contributions"],
    instead: "Views read extension/state only and never touch the connection: let the state carry it.",
  },
  {
    folder: "extension/detect",
    may: ["shared", "daemon/detect", "extension/zod-without-eval.ts"],
    instead: `${client} Where no daemon is, projects are read by daemon/detect, which only reads files.`,
  },
  {
    folder: "extension/webview",
    may: ["shared", "extension/state", "extension/contributions"],
    instead: "A webview is given what sends and the window's state; what is drawn is made of plain data.",
  },
  {
    folder: "extension/webview/page",
    may: [
      "extension/webview/page-data.ts",
      "extension/webview/page-texts.ts",
      "extension/webview/messages.ts",
      "extension/webview/phone/phone-data.ts",
      "extension/webview/phone/messages.ts",
    ],
    instead:
      "The page runs in a browser without Node: what needs the daemon's words is made before, as plain data.",
  },
  { folder: "daemon/cli", may: ["shared"], instead: client },
  { folder: "daemon/cli/main.ts", may: ["shared", "daemon/cli", "daemon/guard/main.ts"], instead: client },
  {
    folder: "daemon/guard",
    may: ["shared", "daemon/detect"],
    instead: `${client} Command lines and projects are read by daemon/detect, which only reads files.`,
  },
  { folder: "daemon/mcp", may: ["shared"], instead: client },
  {
    folder: "daemon/cli/verbs/mcp.ts",
    may: ["shared", "daemon/cli", "daemon/mcp"],
    instead: "This verb hands standard input and output to daemon/mcp, and does no more.",
  },
  {
    folder: "daemon/cli/init",
    may: ["shared", "daemon/cli", "daemon/detect/json-file.ts"],
    instead: `${client} Of detection only the reading of JSON files is used here: it asks no one.`,
  },
  { folder: "daemon/main.ts", may: ["shared", ...daemonParts], instead: wiring },
  { folder: "daemon/daemon.ts", may: ["shared", ...daemonParts], instead: wiring },
  { folder: "daemon/wiring", may: ["shared", ...daemonParts], instead: wiring },
  {
    folder: "daemon/lifecycle",
    may: [...lower, "daemon/threads"],
    instead: `The life cycle owns lock, files and exit, and no requests. ${narrow}`,
  },
  {
    folder: "daemon/rpc",
    may: ["shared", "daemon/methods"],
    instead: `rpc authenticates, checks and dispatches; what is asked for is done by methods. ${narrow}`,
  },
  {
    folder: "daemon/methods",
    may: [...lower, ...contracts, "daemon/servers", "daemon/snapshot", ...rooms],
    instead: `A method takes the parameters of the wire, calls one thing below it and gives its result. ${narrow}`,
  },
  {
    folder: "daemon/servers",
    may: [...lower, ...contracts, ...rooms, "daemon/hosts/client.ts"],
    instead: `The use cases know nothing of the wire and call what is below them: methods, restarts and reactions call them. ${narrow}`,
  },
  {
    folder: "daemon/snapshot",
    may: ["shared"],
    instead: `The snapshot is told what changed. ${narrow}`,
  },
  {
    folder: "daemon/sessions",
    may: [...lower, ...contracts, "daemon/hosts", "daemon/locks"],
    instead: narrow,
  },
  { folder: "daemon/runs", may: [...lower, ...contracts, "daemon/hosts", "daemon/locks"], instead: narrow },
  { folder: "daemon/sandboxes", may: [...lower, ...contracts, "daemon/locks"], instead: narrow },
  { folder: "daemon/cleanup", may: lower, instead: narrow },
  { folder: "daemon/doctor", may: [...lower, "daemon/hosts", ...ofHosts], instead: narrow },
  { folder: "daemon/holders", may: lower, instead: narrow },
  { folder: "daemon/locks", may: lower, instead: narrow },
  { folder: "daemon/monitor", may: lower, instead: narrow },
  { folder: "daemon/health", may: lower, instead: narrow },
  { folder: "daemon/resources", may: lower, instead: narrow },
  {
    folder: "daemon/output",
    may: ["shared"],
    instead: `Understanding output needs lines alone: hand in where they come from. ${narrow}`,
  },
  { folder: "daemon/language", may: ["shared", ...contracts, "daemon/detect"], instead: narrow },
  {
    folder: "daemon/hosts",
    may: [...lower, ...ofHosts],
    instead: `This side starts, finds and ends session hosts; what only the host's own program needs stays in daemon/host. ${narrow}`,
  },
  {
    folder: "daemon/host",
    // Its lock is the embedded store's kind of lock.
    may: [
      "shared",
      "daemon/threads",
      "daemon/journal",
      "daemon/processes",
      "daemon/store/sqlite/exclusive.ts",
    ],
    instead:
      "The session host is a program of its own that outlives the daemon: it knows only its terminal, its thread and its processes. What the daemon does with hosts is in daemon/hosts, which knows this folder's protocol; never the other way round.",
  },
  {
    folder: "daemon/detect",
    may: ["shared"],
    instead: "Detection only reads files: hand in what it needs to know.",
  },
  { folder: "daemon/journal", may: ["shared"], instead: `The journal is told what happened. ${narrow}` },
  { folder: "daemon/alerts", may: ["shared"], instead: `Alerts are told what is wrong. ${narrow}` },
  { folder: "daemon/threads", may: ["shared"], instead: `Threads are a store of messages. ${narrow}` },
  {
    folder: "daemon/store",
    may: ["shared"],
    instead: `The store knows nothing of what it stores. ${narrow}`,
  },
  { folder: "daemon/processes", may: ["shared"], instead: `Processes know no sessions. ${narrow}` },
];

/** The one home of a dependency. */
export interface HomeRule {
  readonly packages: readonly string[];
  readonly homes: readonly string[];
  readonly instead: string;
}

export const homeRules: readonly HomeRule[] = [
  {
    packages: ["vscode", "vscode-languageclient"],
    homes: ["extension"],
    instead: "Only the extension knows the editor.",
  },
  {
    packages: ["vscode-languageserver"],
    homes: ["daemon/language"],
    instead:
      "Speak of documents and sessions; daemon/language makes messages of the Language Server Protocol of it.",
  },
  {
    packages: ["uplot", "qr"],
    homes: ["extension/webview/page"],
    instead: "Plots and codes are drawn in the pages, which are loaded when they are opened.",
  },
  {
    packages: ["ioredis"],
    homes: ["daemon/store/redis"],
    instead: "Use the store's contract (daemon/store/store.ts).",
  },
  {
    packages: ["node:sqlite"],
    // Health keeps its own history, and looks at databases from outside, in a process of its own.
    homes: [
      "daemon/store/sqlite",
      "daemon/threads",
      "daemon/journal",
      "daemon/health/history",
      "daemon/health/database",
    ],
    instead: "Use the store's contract, a thread, or the exclusive lock of daemon/store/sqlite.",
  },
  {
    packages: ["koffi"],
    // Clients, too, must know whose a home and a pipe are before they believe them.
    homes: ["daemon/processes", "shared/windows"],
    instead:
      "Reach the operating system through daemon/processes: what is told apart by platform stays there.",
  },
  {
    packages: ["execa", "tree-kill", "node:child_process"],
    homes: ["daemon/processes", "shared/client/launch.ts", "daemon/cli/foreground/command.ts"],
    instead:
      "Start and end programs through daemon/processes; clients launch the daemon in one place of shared/client, and the command line what is in its own foreground in one of its own.",
  },
  {
    packages: ["@modelcontextprotocol/server"],
    homes: ["daemon/mcp"],
    instead: "Declare what agents can do in shared/agents; daemon/mcp serves it.",
  },
  {
    packages: ["ws"],
    homes: ["daemon/rpc", "shared/client"],
    instead: "Use the connection of shared/client, or the server of daemon/rpc.",
  },
  {
    packages: ["picomatch"],
    homes: ["daemon/detect"],
    instead: "Patterns of workspaces are read in daemon/detect/globs.ts, which bounds what they cost.",
  },
  {
    packages: ["which"],
    homes: ["daemon/processes"],
    instead: "Programs are found in daemon/processes/find-program.ts, as a shell would.",
  },
  {
    packages: ["@lydell/node-pty"],
    homes: ["daemon/host"],
    instead: "A terminal belongs to a session host: attach to it.",
  },
];

/** What the repository's top level holds, besides dotfiles. */
export const topLevel: readonly string[] = [
  "extension",
  "daemon",
  "shared",
  "test",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "esbuild.mjs",
  "README.md",
  "SECURITY.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "LICENSE",
  "docs",
];

/** A file longer than this tells more than one story, in lines. */
export const longestFile = 400;
