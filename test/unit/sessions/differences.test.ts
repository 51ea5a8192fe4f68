import assert from "node:assert/strict";
import { test } from "node:test";
import { differences } from "../../../daemon/sessions/settings.ts";
import type { LaunchSettings } from "../../../shared/model/session.ts";

const running: LaunchSettings = { command: ["npm", "run", "dev"], cwd: "/a", env: { A: "1" }, port: 3000 };

const rows: readonly (readonly [Partial<LaunchSettings>, readonly string[]])[] = [
  [{}, []],
  [{ cwd: "/b" }, ["it runs in /a, not in /b"]],
  [{ command: ["npm", "start"] }, ["it runs `npm run dev`, not `npm start`"]],
  [{ command: ["npm", "run dev"] }, ["it runs `npm run dev`, not `npm run dev`"]],
  [{ port: 3001 }, ["it was asked to use port 3000, not 3001"]],
  [{ env: {} }, ["environment variable A differs"]],
  [{ env: { A: "secret" } }, ["environment variable A differs"]],
  [{ env: { A: "1", B: "secret" } }, ["environment variable B differs"]],
  [
    { cwd: "/b", port: 3001, env: { A: "2" } },
    ["it runs in /a, not in /b", "it was asked to use port 3000, not 3001", "environment variable A differs"],
  ],
];

for (const [wished, found] of rows) {
  test(`asked for ${JSON.stringify(wished)}: ${found.join("; ") || "nothing differs"}`, () => {
    assert.deepEqual(differences(running, { ...running, ...wished }), found);
  });
}
