import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { applyPort } from "../../../daemon/detect/ports.ts";
import type { AppPlan } from "../../../shared/model/app.ts";
import { project } from "./project.ts";

const { plan } = createWorkspace();

const scripts = {
  dev: "next dev",
  serve: "npm run dev",
  chain: "prisma generate && vite",
  both: 'concurrently "vite" "tsc -w"',
  shell: "sh -c vite",
  plain: "node server.js",
  cra: "react-scripts start",
  start: "node server.js",
};

/** A command line, and what it becomes on port 4000. */
const table: readonly (readonly [command: string, ported: string])[] = [
  ["npm run dev", "npm run dev -- --port 4000"],
  ["npm run dev -- -H ::", "npm run dev -- -H :: --port 4000"],
  ["npm run dev -- -p 1234", "npm run dev -- -p 4000"],
  ["pnpm dev", "pnpm dev --port 4000"],
  ["pnpm run dev", "pnpm run dev --port 4000"],
  ["yarn dev", "yarn dev --port 4000"],
  ["yarn run dev", "yarn run dev --port 4000"],
  ["bun run dev", "bun run dev --port 4000"],
  ["npm run serve", "npm run serve -- -- --port 4000"],
  ["pnpm serve", "pnpm serve -- --port 4000"],
  ["npm run chain", "npm run chain -- --port 4000"],
  // Nothing appended would reach the server: PORT alone says it.
  ["npm run both", "npm run both"],
  ["npm run shell", "npm run shell"],
  ["npm run cra", "npm run cra"],
  ["npm run start", "npm run start"],
  ["concurrently vite", "concurrently vite"],
  ["my-server", "my-server"],
  ["ssh -p 22 box", "ssh -p 22 box"],
  ["npx next dev", "npx next dev --port 4000"],
  ["npm exec next dev", "npm exec next dev -- --port 4000"],
  ["npm exec --no -- vite dev", "npm exec --no -- vite dev --port 4000"],
  ["pnpm exec vite", "pnpm exec vite --port 4000"],
  ["bunx vite", "bunx vite --port 4000"],
  // A flag that is there is replaced in its own spelling.
  ["next dev -p 1234 --turbopack", "next dev -p 4000 --turbopack"],
  ["next dev -p1234", "next dev -p4000"],
  ["vite --port=1234", "vite --port=4000"],
  ["expo start --port 1234", "expo start --port 4000"],
  ["node server.js --port 1234", "node server.js --port 4000"],
  ["cross-env PORT=1234 react-scripts start", "cross-env PORT=4000 react-scripts start"],
  ["env PORT=1234 next dev", "env PORT=4000 next dev --port 4000"],
  ["npx -p next next dev", "npx -p next next dev --port 4000"],
  ["expo start", "expo start --port 4000"],
  ["react-native start", "react-native start --port 4000"],
  ["ng serve", "ng serve --port 4000"],
  ["astro dev", "astro dev --port 4000"],
  ["storybook dev", "storybook dev --port 4000"],
];

describe("a wished port reaches the server", () => {
  for (const [command, ported] of table) {
    it(command, async (t) => {
      const cwd = await project(t, { "package.json": { scripts } });
      const wished = await plan({ cwd, app: "web", command: command.split(" "), port: 4000 });
      const { command: found, env } = applyPort(wished, 4000);
      assert.equal(found.join(" "), ported);
      assert.equal(env["PORT"], "4000");
      const unasked = await plan({ cwd, app: "web", command: command.split(" ") });
      assert.equal(applyPort(unasked, unasked.port).command.join(" "), command, "left alone on its own port");
    });
  }

  it("also when another port is taken because the wished one is busy", async (t) => {
    const cwd = await project(t, { "package.json": { scripts } });
    const found = applyPort(await plan({ cwd, app: "web" }), 3001);
    assert.deepEqual(found, {
      command: ["npm", "run", "dev", "--", "--port", "3001"],
      env: { PORT: "3001" },
    });
  });

  it("for Metro in its own variable as well", async (t) => {
    const cwd = await project(t, { "package.json": { scripts: { start: "expo start" } } });
    const found = applyPort(await plan({ cwd, app: "mobile" }), 8082);
    assert.deepEqual(found, {
      command: ["npm", "run", "start", "--", "--port", "8082"],
      env: { PORT: "8082", RCT_METRO_PORT: "8082" },
    });
  });

  it("from a plan that only names command and framework", () => {
    const bare: AppPlan = {
      app: "web",
      cwd: "/",
      command: ["npm", "run", "dev"],
      env: {},
      port: 3000,
      portOrigin: "asked",
      framework: "next",
      stopSignal: "SIGTERM",
      stopTimeoutMs: 2000,
      restart: "never",
      stopWhenUnused: false,
      source: "detected",
    };
    assert.deepEqual(applyPort(bare, 3000).command, ["npm", "run", "dev", "--", "--port", "3000"]);
    assert.deepEqual(applyPort({ ...bare, portArguments: [] }, 3000).command, ["npm", "run", "dev"]);
  });
});
