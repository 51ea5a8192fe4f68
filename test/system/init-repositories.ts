import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** A directory with all that is in it: files with bytes and mode, links with their targets. */
export type Snapshot = Readonly<Record<string, string>>;

/** What is in a directory; links aren't followed. */
export function snapshotOf(directory: string, below = ""): Snapshot {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(directory, below)).sort()) {
    const relative = join(below, name);
    const path = join(directory, relative);
    const entry = lstatSync(path);
    const mode = (entry.mode & 0o7777).toString(8);
    if (entry.isSymbolicLink()) found[relative] = `link to ${readlinkSync(path)}`;
    else if (entry.isFile()) found[relative] = `${mode} ${readFileSync(path).toString("latin1")}`;
    else Object.assign(found, { [relative]: `directory ${mode}` }, snapshotOf(directory, relative));
  }
  return found;
}

/** Writes files, and directories where a name ends in `/`. */
function write(base: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(base, name);
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) writeFileSync(path, text);
  }
}

/** A repository with configuration of its own. */
export interface Repository {
  readonly name: string;
  /** Flags that its init gets. */
  readonly flags: readonly string[];
  /** The directory below it that its init runs in. */
  readonly within?: string;
  make(base: string): void;
  /** Files, as a pattern each, that init has to change or make. */
  readonly expected: Readonly<Record<string, RegExp>>;
}

export const repositories: readonly Repository[] = [
  {
    name: "has nothing but a package",
    flags: [],
    make: (base) =>
      write(base, { ".git/": "", "package.json": '{"name":"plain","scripts":{"dev":"next dev"}}' }),
    expected: { ".mcp.json": /"devlatch"/, "AGENTS.md": /^<!-- devlatch -->\n/ },
  },
  {
    name: "has every agent, each file in a style of its own",
    flags: ["--script"],
    make: (base) => {
      write(base, {
        ".git": "gitdir: ../elsewhere\n",
        "package.json": '{\r\n\t"scripts": {\r\n\t\t"dev": "vite --port 4000"\r\n\t}\r\n}\r\n',
        ".mcp.json":
          '{\n    "mcpServers": {\n        "a": {"command": "a", "env": {"KEY": "secret"}}\n    }\n}',
        ".claude/settings.json":
          '{\n\t// ours\n\t"permissions": {"deny": ["Bash(rm:*)"]},\n\t"hooks": {\n\t\t"PreToolUse": [\n\t\t\t{"matcher": "Edit", "hooks": []}, // first\n\t\t],\n\t},\n}\n',
        ".cursor/mcp.json": '\u{feff}{"mcpServers":{}}\r\n',
        ".cursor/hooks.json": '{\n  "version": 1\n}\n',
        ".vscode/mcp.json": '{ "servers": { "b": { "url": "http://localhost:1" } }, "inputs": [] }\n',
        ".codex/config.toml": 'model = "m"\r\n\r\n[mcp_servers.c]\r\ncommand = "c"',
        ".gemini/settings.json": "{}",
        "AGENTS.md": "# Rules\r\n\r\n- Be kind.",
        "CLAUDE.md": "# Claude\n\n\n",
        "GEMINI.md": "@AGENTS.md\n",
      });
      chmodSync(join(base, ".mcp.json"), 0o600);
      chmodSync(join(base, "AGENTS.md"), 0o755);
      chmodSync(join(base, ".codex"), 0o700);
    },
    expected: {
      ".mcp.json": /^600 .*"a".*"devlatch": \{\n {12}"command": "devlatch"/s,
      ".claude/settings.json": /"hooks": \[\]\}, \/\/ first\n\t\t\t\{\n\t\t\t\t"matcher": "Bash"/,
      ".cursor/mcp.json": /^\d+ \u{ef}\u{bb}\u{bf}\{"mcpServers":\{"devlatch"/u,
      ".codex/config.toml": /command = "c"\r\n\r\n# <devlatch>\r\n\[mcp_servers\.devlatch\]/,
      ".github/hooks/devlatch.json": /"command": "devlatch guard/,
      "AGENTS.md": /^755 # Rules\r\n\r\n- Be kind\.\r\n\r\n<!-- devlatch -->\r\n/,
      "package.json": /"devlatch dev -- vite --port 4000"/,
    },
  },
  {
    name: "has links within itself, and empty directories",
    flags: ["--for", "claude,cursor,codex"],
    make: (base) => {
      write(base, {
        ".git/": "",
        "config/claude/": "",
        ".codex/": "",
        "AGENTS.md": "",
        "package.json": "{}",
      });
      symlinkSync("config/claude", join(base, ".claude"));
      symlinkSync("AGENTS.md", join(base, "CLAUDE.md"));
    },
    expected: {
      "config/claude/settings.json": /devlatch guard/,
      "config/claude/skills/devlatch/SKILL.md": /^\d+ ---\nname: devlatch\n/,
      ".cursor/hooks.json": /"version": 1/,
      "AGENTS.md": /^\d+ <!-- devlatch -->[\s\S]*<!-- \/devlatch -->$/,
    },
  },
  {
    name: "has two apps",
    flags: ["--for", "gemini", "--script"],
    within: "apps/desk",
    make: (base) =>
      write(base, {
        ".git/": "",
        "package.json": '{"name": "both", "workspaces": ["apps/*"]}',
        "package-lock.json": "{}",
        "apps/shop/package.json":
          '{"name": "shop", "scripts": {"dev": "vite"}, "devDependencies": {"vite": "6"}}',
        "apps/desk/package.json":
          '{"name": "desk", "scripts": {"dev": "vite"}, "devDependencies": {"vite": "6"}}',
      }),
    expected: {
      "devlatch.json":
        /^\d+ \/\/ .*\n\{\n {2}"apps": \{\n {4}"desk": \{\n {6}"command": "npm run dev",\n {6}"cwd": "apps\/desk"/,
      ".gemini/settings.json": /"mcpServers"/,
      "apps/desk/package.json": /"devlatch dev -- vite"/,
    },
  },
  {
    name: "has what can't be changed beside what can",
    flags: ["--for", "claude,cursor,vscode,codex"],
    make: (base) => {
      write(base, {
        ".git/": "",
        ".mcp.json": '{ "mcpServers": ',
        ".cursor/mcp.json": '{"mcpServers": {"devlatch": {"command": "mine"}}}',
        ".codex/config.toml": "mcp_servers = { a = { command = 'x' } }\n",
        ".github/hooks/devlatch.json": '{"hooks": {"PreToolUse": "mine"}}',
        "CLAUDE.md": "<!-- devlatch -->\nhalf a block\n",
      });
      symlinkSync("..", join(base, ".vscode"));
      writeFileSync(join(base, ".claude"), "a file where a directory should be");
    },
    expected: { ".cursor/hooks.json": /devlatch guard/, "AGENTS.md": /<!-- devlatch -->/ },
  },
];
