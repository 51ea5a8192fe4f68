import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { firstLook } from "../../../daemon/guard/first-look.ts";
import { judge } from "../../../daemon/guard/judge.ts";
import { repository } from "../../support/paths.ts";
import { type Files, member, project } from "../detect/project.ts";
import { fakeServers } from "./fake-servers.ts";

interface Recorded {
  readonly verdict: string;
  readonly directory: string;
  readonly command: string;
}

/** A workspace of which `web` runs, for others, and `api` does, too. */
const shop: Files = {
  "package.json": {
    name: "shop",
    packageManager: "pnpm@10.0.0",
    scripts: {
      dev: "pnpm --filter web dev",
      build: "turbo build",
      lint: "eslint .",
      test: "vitest run",
      typecheck: "tsc --noEmit",
      "dev:lint": "eslint --watch .",
      "dev:types": "tsc --noEmit --watch",
    },
  },
  "pnpm-workspace.yaml": "packages:\n  - apps/*\n  - packages/*\n",
  "apps/web/package.json": { ...member("web", "next dev"), dependencies: { next: "16" } },
  "apps/admin/package.json": { ...member("admin", "vite"), devDependencies: { vite: "8" } },
  "apps/api/package.json": member("api", "tsx watch src/server.ts"),
  "apps/docs/package.json": { ...member("docs", "devlatch dev -- astro dev"), dependencies: { astro: "6" } },
  "packages/ui/package.json": { name: "ui", scripts: { build: "tsup" } },
};

function recorded(): readonly Recorded[] {
  const text = readFileSync(join(repository, "test/fixtures/guard/calls.txt"), "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [, verdict = "", directory = ".", command = ""] =
      /^(.*?) @ (?:\[([^\]]+)\] )?(.*)$/.exec(line) ?? [];
    return {
      verdict,
      directory,
      command: command.replaceAll(String.raw`\n`, "\n").replaceAll(String.raw`\t`, "\t"),
    };
  });
}

/** What the guard says, in the words of the table. */
async function verdictOn({ directory, command }: Recorded, root: string): Promise<string> {
  const call = { command, cwd: join(root, directory) };
  const reason = await judge(call, firstLook(command), fakeServers(root), createWorkspace());
  if (reason === undefined) return "pass";
  const killed = [...reason.matchAll(/would end (\S+)/g)].map(([, app]) => app);
  if (killed.length > 0) return `kill ${killed.join(" ")}`;
  const started = [
    ...reason.matchAll(/(?:server of (\S+) is started|(\S+) runs already|(\S+) is being started)/g),
  ];
  return `start ${started.map(([, ...names]) => names.find((name) => name !== undefined)).join(" ")}`;
}

async function shopOf(t: TestContext): Promise<string> {
  return project(t, shop);
}

describe("the guard over recorded calls", () => {
  it("lets pass what is harmless, and refuses a second server and the end of another's", async (t) => {
    const root = await shopOf(t);
    const calls = recorded();
    const wrong: string[] = [];
    for (const call of calls) {
      const verdict = await verdictOn(call, root);
      if (verdict !== call.verdict)
        wrong.push(`${call.command}\n    should be: ${call.verdict}; is: ${verdict}`);
    }
    const harmless = calls.filter(({ verdict }) => verdict === "pass").length;
    t.diagnostic(
      `${calls.length} calls, ${harmless} of them harmless: ${calls.length - wrong.length} right, ${wrong.length} wrong`,
    );
    assert.ok(calls.length >= 200 && harmless >= calls.length / 3);
    assert.deepEqual(wrong, [], wrong.join("\n"));
  });
});
