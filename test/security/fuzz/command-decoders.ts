import { wantsJson } from "../../../daemon/cli/arguments/words.ts";
import { findConfigIssues } from "../../../daemon/detect/config-file.ts";
import { matchesName } from "../../../daemon/detect/globs.ts";
import { parseJsonText } from "../../../daemon/detect/json-file.ts";
import { readPnpmPackages } from "../../../daemon/detect/pnpm-workspace.ts";
import { readShellCommands, splitCommandLine } from "../../../daemon/detect/shell-list.ts";
import { readShellLine } from "../../../daemon/detect/shell-words.ts";
import { aimOf } from "../../../daemon/guard/aim.ts";
import { readCall } from "../../../daemon/guard/call.ts";
import { firstLook } from "../../../daemon/guard/first-look.ts";
import { readPattern } from "../../../shared/base/pattern.ts";
import { parsePlace, placesIn } from "../../../shared/model/source-place.ts";
import { momentOf } from "../../../shared/operations/moment.ts";
import type { Decoder } from "./decoders.ts";

const config = `{
  // comments
  "sandbox": "team-box",
  "apps": {"web": {"command": "pnpm dev && x", "port": 3000, "env": {"A": "b"}, "ready": {"pattern": "ready in"}}},
  "sandboxes": {"max": 8, "keep": ["node_modules"],},
}`;
const lines = [
  "npm run dev -- -p 4000",
  'FOO="a b" pnpm -C app dev && echo $HOME | tee x > "out" 2>&1; (sub) &',
  "sh -c 'yarn \"dev\"' # comment",
  "cat <<EOF\nx $(y `z`)\nEOF",
];

const endings = [
  "kill -9 $(lsof -ti:3000-3010) && pkill -f 'next dev' | xargs -r kill",
  "for p in `pgrep -x node`; do sudo kill -- -$p; done",
  'bash <<EOF\nps aux | awk "/next/ {print $2}" | xargs kill\nEOF',
  "taskkill //F //IM node.exe; Stop-Process -Id (Get-NetTCPConnection -LocalPort 3000).OwningProcess",
];
const hookCalls = [
  '{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"npm run dev"},"cwd":"/w"}',
  '{"hook_event_name":"beforeShellExecution","command":"pkill next","cwd":"","workspace_roots":["/w"]}',
  '{"toolName":"bash","toolArgs":"{\\"command\\":\\"npm run dev\\"}"}',
];

export const commandDecoders: readonly Decoder[] = [
  {
    name: "devlatch.json",
    seeds: [config, '{"apps":{}}'],
    decode: async (input) => {
      const read = parseJsonText("/w/devlatch.json", input.toString(), { comments: true });
      return read.kind === "json" ? findConfigIssues(read.document) : read.kind;
    },
  },
  {
    name: "package.json",
    seeds: ['{"name":"x","scripts":{"dev":"next dev"},"workspaces":["packages/*"]}'],
    decode: (input) => parseJsonText("/w/package.json", input.toString(), { comments: false }).kind,
  },
  {
    name: "pnpm-workspace.yaml",
    seeds: ["packages:\n  - 'apps/*'\n  - \"!x\"\n", "packages: [a, 'b']"],
    decode: (input) => readPnpmPackages(input.toString()),
  },
  { name: "shell words", seeds: lines, decode: (input) => readShellLine(input.toString()).tokens.length },
  { name: "command lines", seeds: lines, decode: (input) => splitCommandLine(input.toString()) },
  {
    name: "an agent's command lines",
    seeds: [...lines, ...endings],
    decode: (input) => aimOf(input.toString()),
  },
  { name: "words of an agent's command lines", seeds: lines, decode: (input) => firstLook(input.toString()) },
  { name: "calls of hooks", seeds: hookCalls, decode: (input) => readCall(input.toString()) },
  { name: "shell lists", seeds: lines, decode: (input) => readShellCommands(input.toString()).length },
  {
    name: "names of scripts and directories",
    seeds: ["packages/*", "{a,b}/**", "!(x)", "[a-z]*"],
    decode: (input) => matchesName("packages/some-name", input.toString()),
  },
  {
    name: "patterns",
    seeds: ["ready in \\d+", "^(?:a|b)+$", "[\\w-]{1,30}", "(?<n>x)\\b", "\\p{L}*?"],
    decode: async (input) => {
      const reading = await readPattern(input.toString().slice(0, 2_000));
      return reading.kind === "pattern"
        ? reading.pattern.test("ready in 320 ms at http://localhost:3000")
        : reading;
    },
  },
  {
    name: "places in source",
    seeds: ["app/page.js:3:9", "(C:\\x\\y.ts:1:2)", "at f (file:///a/b.js:1:2)"],
    decode: (input) => [parsePlace(input.toString()), placesIn(input.toString().slice(0, 4_096))],
  },
  {
    name: "moments",
    seeds: ["10m", "1h30m", "2026-03-01", "14:03:20", "2026-03-01T10:00:00Z"],
    decode: (input) => momentOf("since", input.toString(), 1e12),
  },
  {
    name: "arguments",
    seeds: ["start web --json -- x"],
    decode: (input) => wantsJson(input.toString().split(" ")),
  },
];
