import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { type Files, project } from "./project.ts";

const { detect } = createWorkspace();

/** A package that installs one program, with a script that runs a file. */
const tool = (script: string, file: string, text: string, more: object = {}): Files => ({
  "package.json": { name: "tool", bin: { tool: "./dist/cli.js" }, scripts: { start: script }, ...more },
  [file]: text,
});

const prints = 'import { program } from "commander";\nprogram.parse(); // see https://tool.example\n';
const obsidian =
  'import esbuild from "esbuild";\nconst context = await esbuild.context({});\nawait context.watch();\n';
const stdio =
  'import { McpServer, StdioServerTransport } from "sdk";\nawait new McpServer().connect(new StdioServerTransport());\n';

const none: readonly (readonly [string, Files])[] = [
  ["a command-line tool", tool("node dist/cli.js", "dist/cli.js", prints)],
  ["its source", tool("tsx watch src/cli.ts", "src/cli.ts", prints)],
  ["its source, by Bun", tool("bun run src/cli.ts", "src/cli.ts", prints)],
  ["its file without an ending", tool("node bin/tool", "bin/tool.js", prints, { bin: "bin/tool.js" })],
  ["tools for agents on standard input", tool("tsx src/cli.ts", "src/cli.ts", stdio)],
  ["a build that watches", tool("node esbuild.config.mjs", "esbuild.config.mjs", obsidian)],
  ["a script that cleans", tool("node scripts/clean.mjs", "scripts/clean.mjs", "rm();")],
];

const served: readonly (readonly [string, Files])[] = [
  ["a tool that starts a server", tool("node dist/cli.js", "dist/cli.js", 'import "./server.js";')],
  ["a tool that is told to serve", tool("node dist/cli.js start", "dist/cli.js", prints)],
  ["a tool that is given a port", tool("node dist/cli.js --port 4000", "dist/cli.js", prints)],
  ["a tool of what serves", tool("tsx src/cli.ts", "src/cli.ts", prints, { dependencies: { fastify: "5" } })],
  ["another file than the tool's", tool("node app.js", "app.js", prints)],
  ["a tool that isn't built yet", tool("node dist/cli.js", "readme.txt", "")],
  ["a build that serves", tool("node build.mjs", "build.mjs", "await context.serve({});")],
  ["tools for agents by HTTP", tool("tsx src/cli.ts", "src/cli.ts", `${stdio} new StreamableTransport();`)],
];

test("a package's own command-line tool, and a file that builds, are no servers by their script's name", async (t) => {
  for (const [name, files] of none) {
    const cwd = await project(t, files);
    assert.equal((await detect(["npm", "start"], cwd)).devServer, false, name);
  }
});

test("they are where they speak of serving", async (t) => {
  for (const [name, files] of served) {
    const cwd = await project(t, files);
    assert.equal((await detect(["npm", "start"], cwd)).devServer, true, name);
  }
});
