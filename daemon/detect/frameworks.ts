import type { Framework } from "./framework.ts";
import { frameworksBeyond } from "./frameworks-beyond.ts";

export type { Framework };

/** Flags that print something and exit. `-h` is a host for Nuxt and Storybook. */
export const usualInfoFlags: readonly string[] = ["--help", "-h", "--version", "-v"];
const withoutShortHelp: readonly string[] = ["--help", "--version", "-v"];

/** The specific ones first: where several are dependencies, the first is the app's own (Nuxt has Vite, too). */
const javascript: readonly Framework[] = [
  {
    id: "next",
    app: "web",
    programs: ["next", "next-remote-watch"],
    titles: ["next-server"],
    commands: ["dev"],
    otherCommands: [
      "build",
      "start",
      "export",
      "lint",
      "info",
      "telemetry",
      "typegen",
      "upgrade",
      "analyze",
      "internal",
      "experimental-test",
      "experimental-analyze",
    ],
    port: 3000,
    portFlags: ["--port", "-p"],
    packages: ["next"],
    files: ["app", "pages", "src/app", "src/pages"],
  },
  {
    id: "nuxt",
    app: "web",
    programs: ["nuxt", "nuxi"],
    commands: ["dev"],
    // Nuxt 2.
    bare: true,
    valueFlags: ["--port", "-p", "--hostname", "-H", "--config-file", "-c"],
    port: 3000,
    portFlags: ["--port", "-p"],
    portVariables: ["NUXT_PORT"],
    infoFlags: withoutShortHelp,
    packages: ["nuxt"],
    files: ["nuxt.config.ts", "nuxt.config.js", "nuxt.config.mjs", "app.vue", "app/app.vue"],
  },
  {
    id: "astro",
    app: "web",
    programs: ["astro"],
    commands: ["dev"],
    asides: ["stop", "status", "logs"],
    port: 4321,
    portFlags: ["--port"],
    packages: ["astro"],
    files: ["src/pages"],
  },
  {
    id: "sveltekit",
    app: "web",
    programs: ["svelte-kit"],
    commands: ["dev"],
    port: 5173,
    portFlags: ["--port", "-p"],
    packages: ["@sveltejs/kit"],
    files: ["src/app.html", "src/routes"],
    refines: { framework: "vite", dependency: "@sveltejs/kit" },
  },
  {
    id: "react-router",
    app: "web",
    programs: ["react-router"],
    commands: ["dev"],
    port: 5173,
    portFlags: ["--port"],
    packages: ["@react-router/dev"],
  },
  {
    id: "remix",
    app: "web",
    programs: ["remix"],
    commands: ["vite:dev", "dev"],
    port: 5173,
    portFlags: ["--port", "-p"],
    packages: ["@remix-run/dev"],
  },
  {
    id: "angular",
    app: "web",
    programs: ["ng", "@angular/cli"],
    commands: ["serve", "s", "dev"],
    port: 4200,
    portFlags: ["--port"],
    infoFlags: ["--help", "-h", "--version"],
    packages: ["@angular/cli"],
  },
  {
    id: "gatsby",
    app: "web",
    programs: ["gatsby", "gatsby-cli"],
    commands: ["develop"],
    port: 8000,
    portFlags: ["--port", "-p"],
    packages: ["gatsby"],
  },
  {
    id: "expo",
    app: "mobile",
    programs: ["expo", "expo-cli"],
    commands: ["start"],
    otherCommands: [
      "export",
      "export:web",
      "export:embed",
      "run",
      "run:ios",
      "run:android",
      "prebuild",
      "install",
      "customize",
      "config",
      "serve",
      "lint",
      "login",
      "logout",
      "register",
      "whoami",
      "doctor",
      "init",
      "upgrade",
    ],
    port: 8081,
    portFlags: ["--port", "-p"],
    portVariables: ["RCT_METRO_PORT"],
    packages: ["expo"],
    files: ["app.json", "app.config.js", "app.config.ts"],
  },
  {
    id: "react-native",
    app: "mobile",
    programs: ["react-native", "@react-native-community/cli", "rnc-cli"],
    commands: ["start"],
    port: 8081,
    portFlags: ["--port"],
    portVariables: ["RCT_METRO_PORT"],
    packages: ["react-native"],
    files: ["app.json"],
  },
  {
    // metro-config/src/defaults: server.port is 8081.
    id: "metro",
    app: "mobile",
    programs: ["metro"],
    commands: ["serve", "start"],
    port: 8081,
    portFlags: ["--port", "-p"],
    packages: ["metro"],
  },
  {
    id: "create-react-app",
    app: "web",
    programs: ["react-scripts", "react-app-rewired", "craco"],
    commands: ["start"],
    port: 3000,
    portFlags: [],
    packages: ["react-scripts"],
  },
  {
    id: "vue-cli",
    app: "web",
    programs: ["vue-cli-service"],
    commands: ["serve"],
    port: 8080,
    portFlags: ["--port"],
    packages: ["@vue/cli-service"],
  },
  {
    id: "docusaurus",
    app: "web",
    beside: true,
    programs: ["docusaurus"],
    commands: ["start"],
    port: 3000,
    portFlags: ["--port", "-p"],
    packages: ["@docusaurus/core"],
  },
  {
    id: "webpack",
    app: "web",
    programs: ["webpack", "webpack-cli"],
    commands: ["serve", "server", "s"],
    port: 8080,
    portFlags: ["--port"],
    packages: ["webpack-dev-server"],
  },
  {
    id: "adonis",
    app: "web",
    programs: ["ace"],
    commands: ["serve"],
    port: 3333,
    portFlags: [],
    packages: [],
  },
  {
    id: "nest",
    app: "web",
    beside: true,
    programs: ["nest", "@nestjs/cli"],
    commands: ["start"],
    port: 3000,
    portFlags: [],
    packages: [],
  },
  {
    // docs.medusajs.com, CLI: develop and start take -p; 9000 is the server's own.
    id: "medusa",
    app: "web",
    beside: true,
    programs: ["medusa"],
    commands: ["develop", "start"],
    port: 9000,
    portFlags: ["--port", "-p"],
    packages: [],
  },
  {
    id: "wrangler",
    app: "web",
    programs: ["wrangler"],
    commands: ["dev"],
    port: 8787,
    portFlags: ["--port"],
    packages: [],
  },
  {
    // `wrangler pages dev`; see `wrappers.ts`.
    id: "wrangler-pages",
    app: "web",
    programs: ["wrangler-pages"],
    commands: ["dev"],
    port: 8788,
    portFlags: ["--port"],
    packages: [],
  },
  {
    id: "vitepress",
    app: "web",
    beside: true,
    programs: ["vitepress"],
    commands: ["dev"],
    otherCommands: ["build", "preview", "serve", "init"],
    port: 5173,
    portFlags: ["--port"],
    packages: ["vitepress"],
  },
  {
    id: "electron-vite",
    app: "web",
    programs: ["electron-vite"],
    commands: ["dev", "serve"],
    otherCommands: ["build", "preview"],
    port: 5173,
    portFlags: [],
    packages: ["electron-vite"],
  },
  {
    id: "rsbuild",
    app: "web",
    programs: ["rsbuild", "@rsbuild/cli"],
    commands: ["dev"],
    otherCommands: ["build", "preview", "inspect"],
    port: 3000,
    portFlags: ["--port"],
    packages: ["@rsbuild/core"],
  },
  {
    // rspack.rs/api/cli: dev, with these other names; 8080 is its dev server's own.
    id: "rspack",
    app: "web",
    programs: ["rspack", "@rspack/cli"],
    commands: ["dev", "serve", "server", "s"],
    port: 8080,
    portFlags: ["--port"],
    packages: ["@rspack/dev-server"],
  },
  {
    id: "vinxi",
    app: "web",
    programs: ["vinxi"],
    commands: ["dev"],
    port: 3000,
    portFlags: ["--port"],
    packages: ["vinxi"],
  },
  {
    id: "vite",
    app: "web",
    programs: ["vite"],
    commands: ["dev", "serve"],
    otherCommands: ["build", "preview", "optimize"],
    port: 5173,
    // `-p` isn't Vite's own, but people write it, and what they mean is clear.
    portFlags: ["--port", "-p"],
    packages: ["vite"],
    files: ["index.html"],
  },
  {
    id: "storybook",
    app: "web",
    beside: true,
    programs: ["storybook", "sb"],
    commands: ["dev"],
    port: 6006,
    portFlags: ["--port", "-p"],
    portVariables: ["SBCONFIG_PORT"],
    infoFlags: withoutShortHelp,
    packages: ["storybook"],
    files: [".storybook"],
  },
];

export const frameworks: readonly Framework[] = [...javascript, ...frameworksBeyond];

const byProgram = new Map(
  frameworks.flatMap((one) => one.programs.map((program) => [program, one] as const)),
);
const byId = new Map(frameworks.map((one) => [one.id, one]));

/** The framework whose executable this is. */
export function frameworkOfProgram(program: string): Framework | undefined {
  return byProgram.get(program);
}

export function frameworkById(id: string): Framework | undefined {
  return byId.get(id);
}

/** The framework a program's one becomes in a package with these dependencies. */
export function refine(framework: Framework, dependencies: ReadonlySet<string>): Framework {
  const refined = frameworks.find(
    (one) => one.refines?.framework === framework.id && dependencies.has(one.refines.dependency),
  );
  return refined ?? framework;
}

/** The program and command that start it without a script. */
export function startArguments(framework: Framework): readonly string[] {
  const [program = framework.id] = framework.programs;
  const [command] = framework.commands;
  if (framework.refines !== undefined) {
    const host = byId.get(framework.refines.framework);
    if (host !== undefined) return startArguments(host);
  }
  return command === undefined ? [program] : [program, command];
}
