import assert from "node:assert/strict";
import { test } from "node:test";
import { differences, type Running } from "../../../daemon/sessions/settings.ts";
import type { Target } from "../../../daemon/sessions/target.ts";
import type { AppPlan } from "../../../shared/model/app.ts";
import type { LaunchRequest, LaunchSettings } from "../../../shared/model/session.ts";

const settings: LaunchSettings = {
  command: ["npm", "run", "dev"],
  cwd: "/a",
  env: { A: "1" },
  port: 3000,
  wish: { port: 3000, origin: "asked", configured: 3000 },
};
const plan: AppPlan = {
  app: "web",
  command: settings.command,
  cwd: "/a",
  env: { A: "1" },
  port: 3000,
  portOrigin: "asked",
  configuredPort: 3000,
  stopSignal: "SIGTERM",
  stopTimeoutMs: 1,
  restart: "never",
  stopWhenUnused: false,
  source: "config",
};

/** Runs as configured unless told otherwise. */
function running(
  more: Partial<LaunchSettings> = {},
  asked: Partial<LaunchRequest> = {},
  port = 3000,
): Running {
  const state = { kind: "ready", since: 0, pid: 1, startTime: "1", port, url: "" } as const;
  return { settings: { ...settings, ...more }, asked: { cwd: "/a", ...asked }, state };
}

function caller(
  more: Partial<AppPlan> = {},
  asked: Partial<LaunchRequest> = {},
): Pick<Target, "plan" | "asked"> {
  return { plan: { ...plan, ...more }, asked: { cwd: "/a", ...asked } };
}

const flagged = running({ port: 43001 }, { port: 43001 }, 43001);
const ofCommand = running({ command: ["vite"], env: { A: "1", B: "2" } }, { command: ["B=2", "vite"] });
const guessed = { port: 5173, portOrigin: "guessed" } as const;
const ofGuess = running({ port: 5173, wish: { port: 5173, origin: "guessed" } }, {}, 5174);

const rows: readonly (readonly [what: string, Running, Pick<Target, "plan" | "asked">, readonly string[]])[] =
  [
    ["the same", running(), caller(), []],
    ["another directory", running(), caller({ cwd: "/b" }), ["it runs in /a, not in /b"]],
    [
      "another command",
      running(),
      caller({ command: ["npm", "start"] }),
      ["it runs `npm run dev`, not `npm start`"],
    ],
    [
      "a command of other words",
      running(),
      caller({ command: ["npm", "run dev"] }),
      ["it runs `npm run dev`, not `npm run dev`"],
    ],
    ["no variable any more", running(), caller({ env: {} }), ["environment variable A differs"]],
    ["another value", running(), caller({ env: { A: "secret" } }), ["environment variable A differs"]],
    ["a port that another caller asked for, by one who asks for none", flagged, caller(), []],
    [
      "another port by flag",
      flagged,
      caller({ port: 43002 }, { port: 43002 }),
      ["it uses port 43001, not 43002"],
    ],
    [
      "the port by flag on which it really runs",
      running({}, {}, 3001),
      caller({ port: 3001 }, { port: 3001 }),
      [],
    ],
    [
      "the port by flag for which it was given another",
      running({ port: 3001 }, { port: 3000 }, 3001),
      caller({}, { port: 3000 }),
      [],
    ],
    [
      "by flag the port that its configuration says, where it has one of its worktree",
      running({ port: 3010 }, {}, 3010),
      caller({}, { port: 3000 }),
      ["it uses port 3010, not 3000"],
    ],
    ["no port, where it has one of its worktree", running({ port: 3010 }, {}, 3010), caller(), []],
    [
      "a port that the configuration has by now",
      flagged,
      caller({ port: 4000, configuredPort: 4000 }),
      ["devlatch.json has port 4000 for it by now, not 3000"],
    ],
    [
      "a configured port where there was none",
      ofGuess,
      caller({ port: 4000, configuredPort: 4000 }),
      ["devlatch.json has port 4000 for it by now, not none"],
    ],
    ["a guess, whatever runs", running({ port: 4000 }, {}, 4000), caller(guessed), []],
    ["a guess that took another port by itself", ofGuess, caller({ ...guessed, port: 3000 }), []],
    ["seen in a file", ofGuess, caller({ ...guessed, portOrigin: "seen", port: 4010 }), []],
    ["another caller's command, by one who names none", ofCommand, caller(), []],
    [
      "another caller's command, and a variable that the configuration has by now",
      ofCommand,
      caller({ env: { A: "2", B: "3" } }),
      ["environment variable A differs"],
    ],
    [
      "a command where another caller named another",
      ofCommand,
      caller({ command: ["next"], env: { A: "1" } }, { command: ["next"] }),
      ["it runs `vite`, not `next`", "environment variable B differs"],
    ],
    [
      "a record of an earlier build",
      { ...running(), settings: { ...settings, wish: undefined } },
      caller({ port: 3001 }),
      ["it uses port 3000, not 3001"],
    ],
  ];

for (const [what, one, other, found] of rows) {
  test(`${what}: ${found.join("; ") || "it is reused"}`, () => {
    assert.deepEqual(differences(one, other), found);
  });
}
