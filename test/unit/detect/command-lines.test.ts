import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import * as fc from "fast-check";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import type { Detection } from "../../../shared/model/app.ts";
import { project } from "./project.ts";

const { detect } = createWorkspace();

/** One project with everything the command lines below refer to. */
function shop(t: TestContext): Promise<string> {
  return project(t, {
    "package.json": {
      name: "shop",
      workspaces: ["apps/*"],
      packageManager: "npm@11.0.0",
      scripts: {
        dev: "next dev",
        "dev:build": "next build && node scripts/postbuild.js",
        "dev:port": "cross-env PORT=4100 next dev -p $PORT",
        generate: "node generate.js",
        chain: "prisma generate && next dev -p 4000",
        shell: "sh -c 'exec next dev -p 4001'",
        nested: "npm run dev -- -p 4002",
        develop: "node prepare.js && tsc -w",
        itself: "npm run itself; next dev",
        loop: "npm run pool",
        pool: "npm run loop",
        plain: "npm run start",
        start: "node server.js --port 4003",
        production: "next start",
        both: 'concurrently -n next,tsc "next dev" "tsc -w"',
        watchers: "run-p dev:port generate",
        wild: 'concurrently "npm:dev:*"',
        piped: "next dev 2>&1 | tee dev.log",
        fallback: "PORT=$" + "{PORT:-4004} next dev",
        exported: "export PORT=4005; next dev",
        inside: "cd apps/native && expo start",
        grouped: "(cd apps/native && expo start) & tsc -w",
        quoted: 'echo "next dev"',
        commented: "tsc # && next dev",
        everywhere: "turbo dev",
        noderun: "node --run dev",
        own: "node node_modules/next/dist/bin/next dev",
        tool: "tsx watch src/main.ts",
      },
      dependencies: { next: "16" },
    },
    "apps/site/package.json": {
      name: "@shop/site",
      scripts: { dev: "vite dev", serve: "vite preview" },
      devDependencies: { vite: "8", "@sveltejs/kit": "3" },
    },
    "apps/native/package.json": {
      name: "native",
      scripts: { start: "expo start", test: "jest" },
      dependencies: { expo: "56" },
    },
    "apps/api/package.json": { name: "api", scripts: { dev: "node server.js", build: "node build.js" } },
  });
}

type Expected = "no" | Partial<Detection>;
const next: Expected = { app: "web", framework: "next", port: 3000 };
const vite: Expected = { app: "web", framework: "vite", port: 5173 };
const kit: Expected = { app: "web", framework: "sveltekit", port: 5173 };
const expo: Expected = { app: "mobile", framework: "expo", port: 8081 };
const script = (name: string, more: Partial<Detection> = {}): Expected => ({
  app: "web",
  framework: "next",
  port: 3000,
  script: name,
  ...more,
});

/** Argument lists, and what each stands for in the project above. */
const table: readonly (readonly [readonly string[], Expected])[] = [
  // What the original took for a server.
  [["echo", "npm run dev"], "no"],
  [['echo "npm run dev"'], "no"],
  [["echo", "next", "dev"], "no"],
  [["npm", "run", "dev:build"], "no"],
  [["expo", "start", "--help"], "no"],
  [["npx", "expo", "start", "-h"], "no"],
  [["next", "build"], "no"],
  [["next", "start"], "no"],
  [["vite", "build"], "no"],
  [["vite", "preview"], "no"],
  [["vite", "--mode", "production", "build"], "no"],
  [["grep", "-r", "next dev", "."], "no"],
  [["git", "commit", "-m", "npm run dev"], "no"],
  [["npm", "install", "vite"], "no"],
  [["npm", "run", "dev", "--help"], "no"],
  [["npm", "run", "dev", "--", "--help"], "no"],
  [["npm", "run", "absent"], "no"],
  [["npm", "run"], "no"],
  [["npm", "test"], "no"],
  [["npm", "run", "quoted"], "no"],
  [["npm", "run", "commented"], "no"],
  [["npm", "run", "loop"], "no"],
  [["npm", "run", "generate"], "no"],
  [["npm", "run", "develop"], "no"],
  [["npm", "run", "production"], "no"],
  [["pnpm", "install"], "no"],
  [["yarn", "add", "next"], "no"],
  [["bun", "build", "dev"], "no"],
  [["node", "server.js"], "no"],
  [["node", "-e", "next dev"], "no"],
  [["turbo", "build"], "no"],
  [["turbo", "run", "build", "lint"], "no"],
  [["nx", "build", "web"], "no"],
  [["concurrently", "tsc -w", "next build"], "no"],
  [["expo", "export"], "no"],
  [["react-native", "run-android"], "no"],
  [["storybook", "build"], "no"],
  [["ng", "build"], "no"],
  [["astro"], "no"],
  [["astro", "dev", "stop"], "no"],
  [["npx", "astro", "dev", "logs", "--follow"], "no"],
  [["npm", "--prefix", "apps/api", "run", "build"], "no"],
  [["constructor"], "no"],
  [["__proto__", "dev"], "no"],
  [[], "no"],
  // What it missed.
  [["yarn", "run", "dev"], script("dev", { packageManager: "yarn" })],
  [["yarn", "dev"], script("dev", { packageManager: "yarn" })],
  [["pnpm", "-C", "apps/site", "dev"], { ...kit, script: "dev", packageManager: "pnpm" }],
  [["pnpm", "--dir=apps/site", "run", "dev"], { ...kit, script: "dev", packageManager: "pnpm" }],
  [["bun", "dev"], script("dev", { packageManager: "bun" })],
  [["vite"], vite],
  [["turbo", "dev"], { app: "web", framework: "sveltekit", port: 5173, packageManager: "npm" }],
  [["turbo", "run", "dev", "--filter=api"], { app: "web", port: 3000, framework: undefined }],
  [["next", "dev", "-p", "4000"], { ...next, port: 4000 }],
  [["next", "dev", "-p4000"], { ...next, port: 4000 }],
  [["next", "dev", "--port=4000"], { ...next, port: 4000 }],
  [["next", "dev", "--port", "4000"], { ...next, port: 4000 }],
  [["PORT=4000", "next", "dev"], { ...next, port: 4000 }],
  // Package managers.
  [["npm", "run", "dev"], script("dev", { packageManager: "npm" })],
  [["npm.cmd", "run", "dev"], script("dev", { packageManager: "npm" })],
  [["npm run dev"], script("dev", { packageManager: "npm" })],
  [["npm", "run", "dev", "--", "--port", "4000"], script("dev", { port: 4000 })],
  [["npm", "run", "dev", "-w", "@shop/site"], { ...kit, script: "dev" }],
  [["npm", "run", "dev", "--workspace=site"], { ...kit, script: "dev" }],
  [["npm", "--prefix", "apps/native", "start"], { ...expo, script: "start" }],
  [["npm", "start"], { app: "web", framework: undefined, port: 4003, script: "start" }],
  [["npm", "exec", "--", "next", "dev"], { ...next, packageManager: "npm", script: undefined }],
  [["npm", "exec", "-c", "next dev"], { ...next, packageManager: "npm" }],
  [["npx", "next", "dev"], next],
  [["npx", "-y", "next@latest", "dev", "-p", "4000"], { ...next, port: 4000 }],
  [["npx", "@angular/cli@20", "serve"], { app: "web", framework: "angular", port: 4200 }],
  [["pnpm", "--filter", "site", "dev"], { ...kit, script: "dev" }],
  [["pnpm", "--filter", "./apps/site", "run", "dev"], { ...kit, script: "dev" }],
  [["pnpm", "-F", "@shop/*", "dev"], { ...kit, script: "dev" }],
  [["pnpm", "--filter", "...site", "dev"], { ...kit, script: "dev" }],
  [["pnpm", "--filter", "absent", "dev"], "no"],
  [["pnpm", "-r", "dev"], { ...kit, script: "dev" }],
  [["pnpm", "exec", "vite"], { ...vite, packageManager: "pnpm" }],
  [["pnpm", "vite"], { ...vite, packageManager: "pnpm" }],
  [["pnpm", "dlx", "vite@8"], { ...vite, packageManager: "pnpm" }],
  [["yarn", "vite", "--port", "4000"], { ...vite, port: 4000 }],
  [["yarn", "--cwd", "apps/native", "start"], { ...expo, script: "start", packageManager: "yarn" }],
  [["yarn", "workspace", "native", "start"], { ...expo, script: "start" }],
  [["yarn", "workspaces", "foreach", "-A", "run", "dev"], { ...kit, script: "dev" }],
  [["bun", "run", "dev"], script("dev", { packageManager: "bun" })],
  [["bun", "run", "--filter", "native", "start"], { ...expo, packageManager: "bun" }],
  [["bunx", "next", "dev"], { ...next, packageManager: "bun" }],
  [["bun", "x", "--no-install", "next", "dev"], { ...next, packageManager: "bun" }],
  [["node", "--run", "dev"], script("dev")],
  // What a script does decides, not its name.
  [["npm", "run", "chain"], script("chain", { port: 4000 })],
  [["npm", "run", "shell"], script("shell", { port: 4001 })],
  [["npm", "run", "nested"], script("nested", { port: 4002 })],
  [["npm", "run", "dev:port"], script("dev:port", { port: 4100 })],
  [["npm", "run", "plain"], { app: "web", framework: undefined, port: 4003, script: "plain" }],
  [["npm", "run", "itself"], script("itself")],
  [["npm", "run", "both"], script("both")],
  [["npm", "run", "watchers"], script("watchers", { port: 4100 })],
  [["npm", "run", "wild"], script("wild", { port: 4100 })],
  [["npm", "run", "piped"], script("piped")],
  [["npm", "run", "fallback"], script("fallback", { port: 4004 })],
  [["npm", "run", "exported"], script("exported", { port: 4005 })],
  [["npm", "run", "inside"], { ...expo, script: "inside" }],
  [["npm", "run", "grouped"], { ...expo, script: "grouped" }],
  [["npm", "run", "everywhere"], { ...kit, script: "everywhere", packageManager: "npm" }],
  [["npm", "run", "noderun"], script("noderun")],
  [["npm", "run", "own"], script("own")],
  [["npm", "run", "tool"], "no"],
  [["npm", "run", "dev", "-w", "api"], { app: "web", framework: undefined, port: 3000, script: "dev" }],
  // Wrappers.
  [["concurrently", "next dev", "tsc -w"], next],
  [["concurrently", "-k", "--names", "vite", "tsc -w", "npm:dev"], next],
  [["cross-env", "PORT=4000", "next", "dev"], { ...next, port: 4000 }],
  [["cross-env", "NODE_ENV=development", "npm", "run", "dev"], script("dev")],
  [["env", "FOO=1", "next", "dev"], next],
  [["env", "-u", "CI", "PORT=4000", "next", "dev"], { ...next, port: 4000 }],
  [["FOO=1", "next", "dev"], next],
  [["dotenv", "--", "next", "dev"], next],
  [["dotenv", "-e", ".env.local", "next", "dev"], next],
  [["env-cmd", "-f", ".env.local", "next", "dev"], next],
  [["doppler", "run", "--", "npm", "run", "dev"], script("dev")],
  [["sh", "-c", "cd apps/native && npm start"], { ...expo, script: "start" }],
  [["bash", "-lc", "next dev"], next],
  [["./node_modules/.bin/next", "dev"], next],
  [["node", "--inspect", "node_modules/vite/bin/vite.js"], vite],
  [["node", "node_modules/.bin/next", "dev"], next],
  // Monorepo runners without a package that tells.
  [["nx", "serve", "web"], { app: "web", port: 3000 }],
  [["nx", "run", "web:serve"], { app: "web" }],
  [["nx", "start", "native"], expo],
  [["lerna", "run", "dev", "--scope", "@shop/site"], kit],
  // Each framework by its own command and port.
  [["next"], next],
  [["next", "dev", "--turbopack", "-H", "0.0.0.0"], next],
  [["vite", "dev"], vite],
  [["vite", "serve", "--host"], vite],
  [["nuxt", "dev"], { app: "web", framework: "nuxt", port: 3000 }],
  [["nuxi", "dev", "-h", "0.0.0.0"], { app: "web", framework: "nuxt", port: 3000 }],
  [["astro", "dev"], { app: "web", framework: "astro", port: 4321 }],
  [["astro", "dev", "--host", "status"], { app: "web", framework: "astro", port: 4321 }],
  [["rspack", "serve", "--port", "4000"], { app: "web", framework: "rspack", port: 4000 }],
  [["ng", "serve"], { app: "web", framework: "angular", port: 4200 }],
  [["ng", "s", "--port", "4300"], { app: "web", framework: "angular", port: 4300 }],
  [["remix", "vite:dev"], { app: "web", framework: "remix", port: 5173 }],
  [["react-router", "dev"], { app: "web", framework: "react-router", port: 5173 }],
  [["gatsby", "develop"], { app: "web", framework: "gatsby", port: 8000 }],
  [["expo", "start", "--port", "8090"], { ...expo, port: 8090 }],
  [["npx", "expo"], expo],
  [["react-native", "start"], { app: "mobile", framework: "react-native", port: 8081 }],
  [["npx", "react-native", "start", "--port", "8082"], { app: "mobile", port: 8082 }],
  [["metro", "serve"], { app: "mobile", framework: "metro", port: 8081 }],
  [["storybook", "dev", "-p", "6007"], { app: "web", framework: "storybook", port: 6007 }],
  [["storybook", "dev"], { app: "web", framework: "storybook", port: 6006 }],
  [["react-scripts", "start"], { app: "web", framework: "create-react-app", port: 3000 }],
];

describe("a command line is read as its programs would read it", () => {
  it("fits every row of the table", async (t) => {
    const cwd = await shop(t);
    for (const [argv, expected] of table) {
      await t.test(argv.join(" ") || "(nothing)", async () => {
        const found = await detect(argv, cwd);
        if (expected === "no") return assert.deepEqual(found, { devServer: false });
        const wanted = { devServer: true, ...expected };
        const seen = Object.fromEntries(
          Object.keys(wanted).map((key) => [key, found[key as keyof Detection]]),
        );
        return assert.deepEqual(seen, wanted);
      });
    }
  });

  it("goes by the script's name where there is no package.json to look into", async (t) => {
    const cwd = await project(t, {});
    assert.equal((await detect(["npm", "run", "dev"], cwd)).devServer, true);
    assert.equal((await detect(["npm", "run", "dev:build"], cwd)).devServer, false);
    assert.equal((await detect(["npm", "run", "build"], cwd)).devServer, false);
    assert.equal((await detect(["turbo", "dev"], cwd)).devServer, true);
  });

  it("treats a broken package.json and a missing directory as nothing to look into", async (t) => {
    const cwd = await project(t, { "package.json": "{" });
    assert.equal((await detect(["next", "dev"], cwd)).framework, "next");
    assert.equal((await detect(["next", "dev"], join(cwd, "absent"))).framework, "next");
  });

  it("refuses scripts that call each other over and over, in words", async (t) => {
    const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
    const scripts = Object.fromEntries(
      names.map((name, index) => [name, `npm run s${index + 1} && npm run s${index + 1}`]),
    );
    const cwd = await project(t, { "package.json": { scripts } });
    await assert.rejects(detect(["npm", "run", "s0"], cwd), /runs too many commands with the script "s0": /);
  });
});

describe("whatever the words", () => {
  const word = fc.oneof(
    fc.constantFrom(
      ..."npm pnpm yarn bun npx run dev start -- exec -C --filter web -w next vite env cross-env sh -c node --run concurrently turbo nx expo PORT=1 --port -p 4000 ( ) && ' \" $( `".split(
        " ",
      ),
    ),
    fc.string({ maxLength: 12 }),
    fc.string({ unit: "binary", maxLength: 12 }),
  );

  it("reading never throws, and answers yes or no", async (t) => {
    const cwd = await shop(t);
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 8 }), async (argv) => {
        assert.equal(typeof (await detect(argv, cwd)).devServer, "boolean");
      }),
      { numRuns: 400 },
    );
  });

  it("echo is never a server", async (t) => {
    const cwd = await shop(t);
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 8 }), async (args) => {
        assert.deepEqual(await detect(["echo", ...args], cwd), { devServer: false });
      }),
      { numRuns: 200 },
    );
  });
});
