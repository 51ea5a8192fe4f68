import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import { pluginFiles, serverJson } from "../../../../daemon/cli/init/plugin.ts";
import { repository } from "../../../support/paths.ts";

const facts = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
const files = pluginFiles(facts);
const read = (path: string): unknown => JSON.parse(files[path] ?? "null");

// What the published schemas require, written down anew: a test must not ask the network for them.
const Name = z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
const About = z.strictObject({
  $schema: z.string().optional(),
  name: Name.max(64),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  description: z.string().min(1).max(1024),
  license: z.string(),
  keywords: z.array(z.string()),
});
const Servers = z.strictObject({
  $schema: z.string().optional(),
  mcpServers: z.record(
    Name,
    z.strictObject({ type: z.literal("stdio").optional(), command: z.string(), args: z.array(z.string()) }),
  ),
});
const Hooks = z.strictObject({
  hooks: z.record(
    z.enum(["PreToolUse"]),
    z.array(
      z.strictObject({
        matcher: z.string(),
        hooks: z.array(z.strictObject({ type: z.literal("command"), command: z.string() })),
      }),
    ),
  ),
});
const Server = z.strictObject({
  $schema: z.url(),
  name: z
    .string()
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/)
    .min(3)
    .max(200),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z.string().max(255),
  packages: z.array(
    z.strictObject({
      registryType: z.literal("npm"),
      identifier: z.string(),
      version: z.string(),
      runtimeHint: z.string(),
      transport: z.strictObject({ type: z.literal("stdio") }),
      packageArguments: z.array(z.strictObject({ type: z.literal("positional"), value: z.string() })),
    }),
  ),
});

test("the plugin's files are as its readers want them, and name what the package is", () => {
  for (const path of ["plugin.json", ".claude-plugin/plugin.json"])
    assert.equal(About.parse(read(path)).version, facts.version, path);
  for (const path of ["mcp.json", ".mcp.json"]) {
    const { devlatch } = Servers.parse(read(path)).mcpServers;
    assert.deepEqual([devlatch?.command, devlatch?.args], ["npx", ["-y", "devlatch", "mcp"]], path);
  }
  Hooks.parse(read("hooks/hooks.json"));
  const server = Server.parse(JSON.parse(serverJson(facts)));
  assert.equal(server.name, facts.mcpName);
  assert.equal(server.packages[0]?.identifier, facts.name);
});

test("its skill is agentskills.io's: a name like its folder, a description that fits, and no seal of init's", () => {
  const text = files["skills/devlatch/SKILL.md"] ?? "";
  const [, head = ""] = /^---\n([\s\S]*?)\n---\n/.exec(text) ?? [];
  assert.deepEqual(
    head.split("\n").map((line) => line.split(":")[0]),
    ["name", "description"],
  );
  assert.match(head, /^name: devlatch$/m);
  const description = /^description: (.*)$/m.exec(head)?.[1] ?? "";
  assert.ok(description.length > 0 && description.length <= 1024);
  assert.ok(text.split("\n").length <= 60, "one page");
});
