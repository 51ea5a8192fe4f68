import { clientNames } from "../../../daemon/cli/init/client-names.ts";
import { partsFor } from "../../../daemon/cli/init/clients.ts";
import type { FilePart } from "../../../daemon/cli/init/edit.ts";
import { scriptPart } from "../../../daemon/cli/init/script-part.ts";
import { agentFiles } from "../../../daemon/detect/agent-files/read.ts";
import { parseJsonText } from "../../../daemon/detect/json-file.ts";
import type { Decoder } from "./decoders.ts";

const seeds: readonly string[] = [
  '{\n  // a\n  "mcpServers": {\n    "a": { "command": "x", "args": [] }, // b\n  },\n}\n',
  '{"hooks": {"PreToolUse": [{"matcher": "Edit", "hooks": []}], "beforeShellExecution": [ ]}, "version": 1}',
  'model = "m"\r\n[mcp_servers.a]\r\ncommand = "c" # d\r\n',
  "# A\n\n<!-- devlatch -->\nx\n<!-- /devlatch -->\n\nb",
  "---\nname: devlatch\n---\n",
];
const launches: readonly string[] = [
  '{"configurations": [{"name": "a", "runtimeExecutable": "npm", "runtimeArgs": ["run", "dev"], "port": 3000, "cwd": "b"}]}',
  '{"scripts": {"setup": "npm ci", "run": "npm run dev -- --port $CONDUCTOR_PORT", "archive": "x"}}',
  '{"setup": ["a", "b"], "run": "c", "setup-worktree-unix": ["npm ci"], "actions": [{"name": "x", "command": "vite"}]}',
];

/** What init puts into a file it must be able to take out again, whatever the file is. */
function roundTrip(part: FilePart): Decoder {
  return {
    name: `init: ${part.path}`,
    seeds,
    decode: (input) => {
      const text = input.toString().replace(/^\u{feff}+/u, "");
      const added = part.put(text);
      if (added.kind === "left" || added.text === undefined || added.text === text) return added.kind;
      const again = part.put(added.text);
      if (again.kind !== "text" || again.text !== added.text) throw new Error("a second time changes it");
      const taken = part.take(added.text);
      // What was there before in init's own form is init's.
      const before = part.take(text);
      if (before.kind === "text" && before.text !== text) return "init's own";
      if (taken.kind !== "text" || taken.text !== text) throw new Error("isn't what it was");
      return added.text.length;
    },
  };
}

export const initDecoders: readonly Decoder[] = [
  ...partsFor(clientNames, "project", "path").map(roundTrip),
  roundTrip(scriptPart("package.json")),
  ...agentFiles.map((file) => ({
    name: file.path,
    seeds: launches,
    decode: (input: Buffer) => {
      const json = parseJsonText(file.path, input.toString(), { comments: true });
      return file.read(json.kind === "json" ? json.document.value : undefined);
    },
  })),
];
