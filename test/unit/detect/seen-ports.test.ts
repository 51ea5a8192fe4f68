import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { type PortOwner, readScriptPort, type ScriptPort } from "../../../daemon/detect/script-port.ts";
import { prepareCase } from "../../support/projects.ts";
import { type Files, project } from "./project.ts";

const { plan, seePort, detect } = createWorkspace();

const vite = { scripts: { dev: "vite" } };
const plain = { scripts: { dev: "node server.js" } };
const viteConfig = (text: string): Files => ({ "package.json": vite, "vite.config.ts": text });

/** A project, and the port that is seen in it and where; or none, which makes it a guess. */
const table: readonly (readonly [what: string, Files, (readonly [port: number, source: string])?])[] = [
  ["nothing is said", { "package.json": vite }],
  [
    "Vite's configuration",
    viteConfig("export default defineConfig({ server: { port: 4100 } })"),
    [4100, "vite.config.ts"],
  ],
  [
    "a function that returns it",
    viteConfig(
      "export default defineConfig(({ mode }) => { return { server: { host: true, port: 4100, }, } })",
    ),
    [4100, "vite.config.ts"],
  ],
  ["as text", viteConfig('export default { "server": { "port": "4100" } }'), [4100, "vite.config.ts"]],
  [
    "by a constant",
    viteConfig("const port = 4100;\nexport default { server: { port } }"),
    [4100, "vite.config.ts"],
  ],
  ["in a comment", viteConfig("export default { server: { /* port: 1 */ // port: 2\n } }")],
  ["of the preview", viteConfig("export default { preview: { port: 4100 } }")],
  ["of the hot reload", viteConfig("export default { server: { hmr: { port: 4100 } } }")],
  ["of a test's server", viteConfig("export default { test: { server: { port: 4100 } } }")],
  ["within a text", viteConfig('export default { define: { x: "server: { port: 4100 }" } }')],
  ["computed", viteConfig("export default { server: { port: base + 1 } }")],
  ["in two ways", viteConfig("export default a ? { server: { port: 1 } } : { server: { port: 2 } }")],
  ["an impossible one", viteConfig("export default { server: { port: 99999 } }")],
  [
    "by a variable with a number behind it",
    viteConfig("export default { server: { port: Number(process.env.PORT) || 4100 } }"),
    [4100, "vite.config.ts"],
  ],
  [
    "by a variable of a file",
    {
      ...viteConfig("export default { server: { port: parseInt(env['WEB_PORT'] ?? '4100', 10) } }"),
      ".env": "WEB_PORT=4200\n",
      ".env.local": "WEB_PORT=4300 # mine\n",
    },
    [4300, ".env.local"],
  ],
  ["in .env, which Vite alone doesn't read", { "package.json": vite, ".env": "PORT=4100" }],
  ["in .env of a plain server", { "package.json": plain, ".env": 'PORT="4100"' }, [4100, ".env"]],
  [
    "in the files that node is told",
    {
      "package.json": { scripts: { dev: "node --watch --env-file=a.env --env-file b.env server.js" } },
      ".env": "PORT=1",
      "a.env": "PORT=4100",
      "b.env": "PORT=4200",
    },
    [4200, "b.env"],
  ],
  [
    "in the file of dotenv's command line",
    { "package.json": { scripts: { dev: "dotenv -e .env.dev -- next dev" } }, ".env.dev": "PORT=4100" },
    [4100, ".env.dev"],
  ],
  [
    "in .env, which Next reads too late for its port",
    { "package.json": { scripts: { dev: "next dev" } }, ".env": "PORT=1" },
  ],
  [
    "in .env of Create React App",
    { "package.json": { scripts: { start: "react-scripts start" } }, ".env.development": "PORT=4100" },
    [4100, ".env.development"],
  ],
  [
    "in .env of Nuxt, in its own variable",
    {
      "package.json": { scripts: { dev: "nuxt dev" } },
      ".env": "PORT=1\nNUXT_PORT=4100",
      "nuxt.config.ts": "export default defineNuxtConfig({ devServer: { port: 2 } })",
    },
    [4100, ".env"],
  ],
  [
    "Nuxt's configuration",
    {
      "package.json": { scripts: { dev: "nuxt dev" } },
      "nuxt.config.ts":
        "export default defineNuxtConfig({ vite: { server: { port: 1 } }, devServer: { port: 4100 } })",
    },
    [4100, "nuxt.config.ts"],
  ],
  [
    "Astro's",
    {
      "package.json": { scripts: { dev: "astro dev" } },
      "astro.config.mjs":
        "export default defineConfig({ server: { port: 4100 }, vite: { server: { port: 1 } } })",
    },
    [4100, "astro.config.mjs"],
  ],
  [
    "Angular's",
    {
      "package.json": { scripts: { start: "ng serve" } },
      "angular.json": { projects: { app: { architect: { serve: { options: { port: 4100 } } } } } },
    },
    [4100, "angular.json"],
  ],
  [
    "Rsbuild's",
    {
      "package.json": { scripts: { dev: "rsbuild dev" } },
      "rsbuild.config.ts": "export default defineConfig({ server: { port: 4100 } })",
    },
    [4100, "rsbuild.config.ts"],
  ],
  [
    "Wrangler's, in TOML",
    {
      "package.json": { scripts: { dev: "wrangler dev" } },
      "wrangler.toml": 'name = "x"\n[other]\nport = 1\n[dev]\nip = "localhost"\nport = 4100\n',
    },
    [4100, "wrangler.toml"],
  ],
  [
    "Wrangler's, in JSON with comments",
    {
      "package.json": { scripts: { dev: "wrangler dev" } },
      "wrangler.jsonc": '{ // here\n "dev": { "port": 4100 } }',
    },
    [4100, "wrangler.jsonc"],
  ],
  [
    "webpack's",
    {
      "package.json": { scripts: { dev: "webpack serve" } },
      "webpack.config.js": "module.exports = { devServer: { port: 4100 } };",
    },
    [4100, "webpack.config.js"],
  ],
  [
    "in the configuration that Vite is told, not in its usual one",
    {
      "package.json": { scripts: { dev: "vite dev --config vite.dev.config.ts --host" } },
      "vite.config.ts": "export default { server: { port: 1 } }",
      "vite.dev.config.ts": "export default { server: { port: 4100 } }",
    },
    [4100, "vite.dev.config.ts"],
  ],
  [
    "not in a configuration that isn't there",
    {
      "package.json": { scripts: { dev: "vite -c other.ts" } },
      "vite.config.ts": "export default { server: { port: 1 } }",
    },
  ],
  [
    "in the directory that Vite is told",
    {
      "package.json": { scripts: { dev: "vite client --open" } },
      "vite.config.ts": "export default { server: { port: 1 } }",
      "client/vite.config.ts": "export default { server: { port: 4100 } }",
    },
    [4100, "client/vite.config.ts"],
  ],
  [
    "in the file of the mode that Vite is told",
    {
      "package.json": { scripts: { dev: "vite --mode staging" } },
      "vite.config.ts": "export default { server: { port: Number(env.VITE_PORT) || 1 } }",
      ".env.development": "VITE_PORT=2",
      ".env.staging": "VITE_PORT=4100",
    },
    [4100, ".env.staging"],
  ],
  [
    "one way or the other, by a variable",
    viteConfig("export default { server: { port: process.env.PORT ? Number(process.env.PORT) : 4100 } }"),
    [4100, "vite.config.ts"],
  ],
  [
    "in the configuration that webpack is told",
    {
      "package.json": { scripts: { dev: "webpack serve --config config/webpack.dev.js --open" } },
      "config/webpack.dev.js": "module.exports = merge(common, { mode: 'x', devServer: { port: 4100 } });",
    },
    [4100, "config/webpack.dev.js"],
  ],
  [
    "Rspack's",
    {
      "package.json": { scripts: { dev: "rspack serve" } },
      "rspack.config.mjs": "export default { devServer: { port: 4100 } }",
    },
    [4100, "rspack.config.mjs"],
  ],
  [
    "of Angular's projects the one it serves",
    {
      "package.json": { scripts: { start: "ng serve admin --open" } },
      "angular.json": {
        projects: {
          shop: { architect: { serve: { options: { port: 1 } } } },
          admin: { architect: { serve: { options: { port: 4100 } } } },
        },
      },
    },
    [4100, "angular.json"],
  ],
  [
    "in the configuration that wrangler is told",
    {
      "package.json": { scripts: { dev: "wrangler dev -c wrangler.dev.toml" } },
      "wrangler.toml": "[dev]\nport = 1\n",
      "wrangler.dev.toml": "[dev]\nport = 4100\n",
    },
    [4100, "wrangler.dev.toml"],
  ],
  [
    "in the file of variables that Nuxt is told",
    {
      "package.json": { scripts: { dev: "nuxt dev --dotenv .env.dev" } },
      ".env": "PORT=1",
      ".env.dev": "PORT=4100",
    },
    [4100, ".env.dev"],
  ],
  [
    "the configuration of Nuxt 2, which serves without a command",
    {
      "package.json": { scripts: { dev: "nuxt --hostname 0.0.0.0" }, devDependencies: { nuxt: "2" } },
      "nuxt.config.js": "export default { server: { port: 4100 } }",
    },
    [4100, "nuxt.config.js"],
  ],
  [
    "in the file of dotenvx' command line",
    { "package.json": { scripts: { dev: "dotenvx run -f .env.dev -- next dev" } }, ".env.dev": "PORT=4100" },
    [4100, ".env.dev"],
  ],
  [
    "in nodemon's file",
    {
      "package.json": { scripts: { dev: "nodemon server.js" } },
      "nodemon.json": { env: { PORT: "4100" } },
    },
    [4100, "nodemon.json"],
  ],
  [
    "in nodemon's part of the package",
    { "package.json": { scripts: { dev: "nodemon server.js" }, nodemonConfig: { env: { PORT: 4100 } } } },
    [4100, "package.json"],
  ],
  [
    "behind the package's own variable",
    { "package.json": { config: { port: 4100 }, scripts: { dev: "next dev -p $npm_package_config_port" } } },
    [4100, "its command"],
  ],
  [
    "by a variable set in front",
    { "package.json": { scripts: { dev: "cross-env PORT=4100 next dev -p $PORT" } } },
    [4100, "its command"],
  ],
];

describe("a port is seen where the project says it, else guessed", () => {
  for (const [what, files, [port, source] = []] of table) {
    it(what, async (t) => {
      const cwd = await project(t, files);
      const found = await seePort(await plan({ cwd, app: "web" }));
      const origin = port === undefined ? "guessed" : "seen";
      assert.deepEqual([found.portOrigin, found.portSource], [origin, source]);
      if (port !== undefined) assert.equal(found.port, port);
      const detected = await detect(["npm", "run", found.script ?? "dev"], cwd);
      assert.equal(detected.port, found.port, "and detection says the same");
    });
  }

  it("Metro's, of React Native", async (t) => {
    const cwd = await project(t, {
      "package.json": { scripts: { start: "react-native start" } },
      "metro.config.js": "module.exports = mergeConfig(defaults, { server: { port: 4100 } });",
    });
    const found = await seePort(await plan({ cwd, app: "mobile" }));
    assert.deepEqual([found.port, found.portSource], [4100, "metro.config.js"]);
  });

  it("whatever is asked for counts for more", async (t) => {
    const cwd = await project(t, viteConfig("export default { server: { port: 4100 } }"));
    const found = await seePort(await plan({ cwd, app: "web", port: 4000 }));
    assert.deepEqual([found.port, found.portOrigin], [4000, "asked"]);
  });
});

/** Cases of test/fixtures/cases: their ports, and where those stand. */
const cases = [
  ["09-dotenv-port", 42402, ".env"],
  ["09b-node-envfile", 42403, ".env"],
  ["10-config-port", 42300, "vite.config.js"],
  ["08-hard-port", 42808, "its command"],
] as const;

for (const [name, port, source] of cases) {
  it(`${name}: ${port}, seen in ${source}`, async (t) => {
    const cwd = await prepareCase(name, t);
    const found = await seePort(await plan({ cwd, app: "web" }));
    assert.deepEqual([found.port, found.portOrigin, found.portSource], [port, "seen", source]);
  });
}

describe("command lines of others' systems and package managers", () => {
  const ports = async (
    scripts: Record<string, string>,
    command: readonly string[],
    t: Parameters<typeof project>[0],
  ) => (await detect(command, await project(t, { "package.json": { scripts } }))).port;

  it("pnpm hands -- on, and Vite drops what follows", async (t) => {
    const scripts = { dev: "vite" };
    assert.equal(await ports(scripts, ["pnpm", "dev", "--", "--port", "42101"], t), 5173);
    assert.equal(await ports(scripts, ["npm", "run", "dev", "--", "--port", "42101"], t), 42101);
    assert.equal(await ports(scripts, ["pnpm", "dev", "--port", "42101"], t), 42101);
  });

  it("set, as cmd has it", async (t) => {
    assert.equal(await ports({ dev: "set PORT=3005&& next dev" }, ["cmd", "/c", "npm run dev"], t), 3005);
    assert.equal(
      await ports({ dev: "set PORT=3005&& next dev" }, ["npm", "run", "dev"], t),
      process.platform === "win32" ? 3005 : 3000,
    );
    assert.equal(await ports({ dev: 'cmd /c "set PORT=3005&& next dev"' }, ["npm", "run", "dev"], t), 3005);
    assert.equal(await ports({}, ["cmd", "/c", "set PORT=3005&& next dev"], t), 3005);
    assert.equal(await ports({}, ["cmd.exe", "/d", "/s", "/c", "set PORT=3005&&next dev"], t), 3005);
  });

  it("$env:PORT, as PowerShell has it", async (t) => {
    const line = (text: string) => ports({ dev: "next dev" }, [text], t);
    assert.equal(await line("$env:PORT=3005; npm run dev"), 3005);
    assert.equal(await line('$env:PORT = "3006"; npx next dev'), 3006);
    assert.equal(await line("$env:OTHER=3005; npm run dev"), 3000);
  });

  it("a variable where there is no package to look into", async (t) => {
    const { port } = await detect(["powershell", "-c", "$env:PORT=3005; npm run dev"], await project(t, {}));
    assert.equal(port, 3005);
    const cmd = await detect(["cmd", "/c", "set PORT=3006&& npm run dev"], await project(t, {}));
    assert.equal(cmd.port, 3006);
    assert.equal((await detect(["PORT=3007 npm run dev"], await project(t, {}))).port, 3007);
  });
});

describe("a configuration is read in plain sight", () => {
  const owner: PortOwner = { key: "server" };
  const rows: readonly (readonly [string, ScriptPort?])[] = [
    ["x = { server: { port: 3000 as number } }"],
    ["x = { server: { port: process.env.PORT } }", { variable: "PORT" }],
    ["x = { pattern: /[/}{]\\/server: {/, server: { port: 1 } }", { port: 1 }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text that is read
    ["x = { a: `${b ? `{` : '}'} server: {`, server: { port: 1 } }", { port: 1 }],
    ["x = { server: { port: 1", { port: 1 }],
    ["}}}))) x = { server: { port: 1 } }", { port: 1 }],
    [""],
  ];
  for (const [text, found] of rows) {
    it(JSON.stringify(text), () => assert.deepEqual(readScriptPort(text, owner), found));
  }

  it("whatever stands there, in time linear to its length", () => {
    for (const piece of ["{", "`${", "/", "server:{", "port:", "'", "const port=port;", "((", "\\"]) {
      assert.doesNotThrow(() => readScriptPort(piece.repeat(200_000), owner), piece);
    }
  });
});
