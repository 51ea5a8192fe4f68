import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repository } from "../support/paths.ts";

/** What may stand in one file only, and what to use instead of it elsewhere. */
const oneHome = [
  {
    what: /\bshow(?:Error|Warning|Information)Message\b/,
    below: "extension",
    home: "extension/commands/say.ts",
    instead:
      "use say, ask or askWith of extension/commands/say.ts: a server's output must not become a link there",
  },
  {
    what: /\bstripVTControlCharacters\(/,
    below: "{daemon,extension,shared}",
    home: "",
    instead:
      "use withoutEscapes of shared/base/plain-text.ts: this one takes quadratic time for hostile texts",
  },
  {
    what: /reference lib="dom"/,
    below: "{daemon,extension,shared}",
    home: "",
    instead: "a reference gives every file a document: the page's own tsconfig.json gives it to the page",
  },
  {
    what: /\bopenExternal\(|\.showInEditor\b|"simpleBrowser\.show"/,
    below: "extension/{commands,views,terminals,begin,webview,sources,debug}",
    home: "extension/commands/browser.ts",
    instead: "open addresses with openUrl or previewUrl, which lead there from another machine, too",
  },
  {
    what: /\.supportHtml = /,
    below: "extension",
    home: "",
    instead: "Markdown that has HTML shows what others wrote",
  },
  {
    what: /\.isTrusted = /,
    below: "extension",
    home: "extension/views/status-bar.ts",
    instead:
      "Markdown that is trusted runs what others wrote; the status bar's names each command, and has none beside foreign text that could be one",
  },
  {
    what: /\$\{(?:[\w.?]*\bsession|sessionName\([^)]*\))(?: \?\? [^}]*)?\}/,
    below: "{daemon,shared/{agents,base,client,model,operations,protocol,rpc}}",
    home: "shared/model/session.ts",
    instead:
      "people know web, not dev_server_web: name the app, or use spokenSession of shared/model/session.ts",
  },
  {
    what: /(?<!editorRemedy\([\w.]*)(?:\b(?:error|problem|shape|alert)\.remedy\b|\$\{remedy\})/,
    below: "extension",
    home: "extension/state/state-line.ts",
    instead: "use editorRemedy of extension/state/state-line.ts: nothing is typed in a terminal there",
  },
  {
    what: /\b(?:stdout|stderr)\.write\(/,
    below: "daemon/cli",
    home: "daemon/cli/output/output.ts",
    instead: "write through Output, which makes safe what is written to a terminal",
  },
] as const;

/** Our own words only, or bytes that a person asked to see raw. */
const exceptions = new Set(["daemon/cli/main.ts", "daemon/cli/run.ts"]);

for (const { what, below, home, instead } of oneHome) {
  test(`${what.source}: ${home === "" ? "nowhere" : `only in ${home}`}`, () => {
    for (const file of globSync(`${below}/**/*.ts`, { cwd: repository })) {
      if (file === home || exceptions.has(file)) continue;
      const lines = readFileSync(join(repository, file), "utf8").split("\n");
      const at = lines.findIndex((line) => what.test(line));
      assert.equal(at, -1, `${file}:${at + 1}: ${instead}`);
    }
  });
}
