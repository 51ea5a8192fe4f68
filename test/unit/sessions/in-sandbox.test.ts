import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sessionsInSandbox } from "../../../daemon/sessions/in-sandbox.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";

type Sessions = Parameters<typeof sessionsInSandbox>[0];

test("while it can't be forgotten who used a session its record stays, for the next attempt finds them by it", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "dl-in-sandbox-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const state = { away: true, records: ["web", "api"], forgotten: new Set<string>() };
  const registry = {
    load: async () => {},
    all: () => state.records.map((app) => ({ sandboxId: "box", app, session: `dev_server_${app}` })),
    remove: async (key: string) => {
      state.records = state.records.filter((app) => `box/${app}` !== key);
    },
  };
  const directoryOf = ({ session }: { session: string }) => join(directory, "box", session);
  mkdirSync(join(directory, "box", "dev_server_web"), { recursive: true });
  const sessions = { registry, directoryOf } as unknown as Sessions;
  const inSandbox = sessionsInSandbox(sessions, directory, {
    directory: () => {},
    holders: async ({ app }) => {
      if (state.away && app === "web")
        throw new DevlatchError("STORE_UNAVAILABLE", "The store is away.", "Wait.");
      state.forgotten.add(app);
    },
  });

  await assert.rejects(inSandbox.forget("box"), (error: DevlatchError) => {
    assert.match(error.message, / of web|\(.*web\): The store is away\.$/);
    return error.code === "STORE_UNAVAILABLE";
  });
  assert.deepEqual([state.records, [...state.forgotten]], [["web"], ["api"]]);
  assert.equal(existsSync(join(directory, "box")), false, "nothing waits for another step");
  state.away = false;
  await inSandbox.forget("box");
  assert.deepEqual([state.records, [...state.forgotten]], [[], ["api", "web"]]);
});
