import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { collectDiagnostics } from "../../shared/diagnostics/collect.ts";
import { homeOf } from "../support/daemon.ts";
import { createHome } from "../support/home.ts";

test("a secret that devlatch.json sets isn't shown among the arguments of a process", async (context) => {
  const home = createHome(context);
  const env = {
    API_TOKEN: "tok-4711-xyz",
    DATABASE_URL: "postgres://u:pw-4711-abc@localhost/db",
    MODE: "development",
  };
  writeFileSync(
    join(home.directory, "devlatch.json"),
    JSON.stringify({ apps: { web: { command: "x", env } } }),
  );
  const summary = `node server.js ${env.API_TOKEN} --db pw-4711-abc --mode development`;
  const text = await collectDiagnostics({
    home: homeOf(home),
    cwds: [home.directory],
    by: "test",
    env: {},
    readJournal: async () => ({ entries: [], next: 0, prev: null }),
    findings: [{ check: "process", level: "problem", summary }],
    withOutput: false,
  } as Parameters<typeof collectDiagnostics>[0]);
  assert.doesNotMatch(text, /tok-4711|pw-4711/);
  assert.match(text, /node server\.js <secret> --db <secret> --mode development/);
});
