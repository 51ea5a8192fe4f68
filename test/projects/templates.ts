/** A public template, and how its app is broken. */
export interface Template {
  readonly name: string;
  readonly app: "web" | "mobile";
  /** Creates it in the directory `app` of the working directory, without a question, and installs its packages. */
  readonly create: readonly (readonly string[])[];
  /** The file that is broken, from the project's root, and what is put at its end to break it. */
  readonly file: string;
  readonly broken: string;
  /** What is asked of the server so that a framework compiles it. */
  readonly path?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Its script watches no files: what is changed shows after a restart. */
  readonly unwatched?: true;
  /** What it writes of an error doesn't say where that is. */
  readonly placeless?: true;
}

const npx = (...args: string[]) => ["npx", "--yes", ...args];
const install = ["npm", "install", "--prefix", "app", "--no-audit", "--no-fund"];
const vite = (template: string) => npx("create-vite@9", "app", "--template", template, "--no-interactive");
const brokenScript = "\nexport const broken = (;\n";

/**
 * Made by their own generators, each with the files it brings along. Those that fetch their files from elsewhere (Astro's, Nuxt's,
 * React Router's, Hono's) aren't here.
 */
export const templates: readonly Template[] = [
  {
    name: "next",
    app: "web",
    create: [
      npx(
        "create-next-app@16",
        "app",
        "--ts",
        "--app",
        "--no-src-dir",
        "--no-tailwind",
        "--no-linter",
        "--use-npm",
        "--disable-git",
        "--yes",
      ),
    ],
    file: "app/page.tsx",
    broken: brokenScript,
    env: { NEXT_TELEMETRY_DISABLED: "1" },
  },
  {
    name: "vite react",
    app: "web",
    create: [vite("react-ts"), install],
    file: "src/App.tsx",
    broken: brokenScript,
  },
  {
    name: "vite vue",
    app: "web",
    create: [vite("vue"), install],
    file: "src/App.vue",
    broken: "\n<script setup>\nconst broken = (;\n</script>\n",
  },
  {
    name: "vite svelte",
    app: "web",
    create: [vite("svelte"), install],
    file: "src/App.svelte",
    broken: "\n{#if broken}\n",
  },
  {
    name: "sveltekit",
    app: "web",
    create: [
      npx(
        "sv@latest",
        "create",
        "app",
        "--template",
        "minimal",
        "--types",
        "ts",
        "--no-add-ons",
        "--install",
        "npm",
      ),
    ],
    file: "src/routes/+page.svelte",
    broken: "\n{#if broken}\n",
  },
  {
    name: "expo",
    app: "mobile",
    create: [
      npx("create-expo-app@5", "app", "--template", "expo-template-blank@57.0.28", "--yes", "--no-install"),
      install,
    ],
    file: "App.js",
    broken: brokenScript,
    env: { EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1" },
  },
  {
    name: "nest",
    app: "web",
    create: [npx("@nestjs/cli@latest", "new", "app", "--package-manager", "npm", "--skip-git")],
    file: "src/app.controller.ts",
    broken: brokenScript,
  },
  {
    name: "angular",
    app: "web",
    create: [
      npx(
        "@angular/cli@latest",
        "new",
        "app",
        "--defaults",
        "--skip-git",
        "--interactive=false",
        "--ssr=false",
      ),
    ],
    file: "src/app/app.ts",
    broken: brokenScript,
    env: { NG_CLI_ANALYTICS: "false" },
  },
  {
    name: "docusaurus",
    app: "web",
    create: [npx("create-docusaurus@latest", "app", "classic", "--javascript", "--package-manager", "npm")],
    file: "src/pages/index.js",
    broken: brokenScript,
  },
  {
    name: "rsbuild",
    app: "web",
    create: [npx("create-rsbuild@2.2.5", "--dir", "app", "--template", "react-ts"), install],
    file: "src/App.tsx",
    broken: brokenScript,
  },
  {
    name: "wrangler",
    app: "web",
    create: [
      npx(
        "create-cloudflare@latest",
        "app",
        "--type",
        "hello-world",
        "--lang",
        "ts",
        "--no-deploy",
        "--no-git",
        "--no-agents",
      ),
    ],
    file: "src/index.ts",
    broken: brokenScript,
    env: { WRANGLER_SEND_METRICS: "false" },
  },
  {
    name: "vue",
    app: "web",
    create: [npx("create-vue@3", "app", "--default", "--bare"), install],
    file: "src/App.vue",
    broken: "\n<script setup>\nconst broken = (;\n</script>\n",
  },
  {
    name: "qwik",
    app: "web",
    create: [npx("create-qwik@1", "empty", "app"), install],
    file: "src/routes/index.tsx",
    broken: brokenScript,
  },
  {
    name: "fastify",
    app: "web",
    create: [npx("fastify-cli@8", "generate", "app"), install],
    file: "app.js",
    broken: brokenScript,
    placeless: true,
  },
  {
    name: "express",
    app: "web",
    create: [npx("express-generator@latest", "--no-view", "app"), install],
    file: "app.js",
    broken: brokenScript,
    unwatched: true,
  },
];
