/** A plugin of Nx that gives projects targets by the files they have. */
export interface NxPlugin {
  /** It applies where one of these is in the project. */
  readonly files: readonly string[];
  /** And one of these, where set. */
  readonly needs?: readonly string[];
  readonly targets: readonly {
    /** The plugin's option that names the target, and its name unless set. */
    readonly option: string;
    readonly usual: string;
    /** What it runs in the project's directory. */
    readonly line: string;
  }[];
}

const scripts = (name: string) => ["js", "mjs", "cjs", "ts", "mts", "cts"].map((end) => `${name}.${end}`);
const one = (option: string, usual: string, line: string) => ({ option, usual, line });

/** The plugins whose targets serve, with the names that each gives them (their sources, `createNodes`). */
export const plugins: ReadonlyMap<string, NxPlugin> = new Map([
  [
    "@nx/vite/plugin",
    {
      files: scripts("vite.config"),
      // A library that is only built or tested with Vite serves nothing.
      needs: ["index.html", ...scripts("svelte.config"), ...scripts("react-router.config")],
      targets: [one("devTargetName", "dev", "vite dev"), one("serveTargetName", "serve", "vite dev")],
    },
  ],
  ["@nx/next/plugin", { files: scripts("next.config"), targets: [one("devTargetName", "dev", "next dev")] }],
  [
    "@nx/nuxt/plugin",
    { files: scripts("nuxt.config"), targets: [one("serveTargetName", "serve", "nuxt dev")] },
  ],
  [
    "@nx/react/router-plugin",
    {
      files: scripts("react-router.config"),
      targets: [one("devTargetName", "dev", "react-router dev")],
    },
  ],
  [
    "@nx/remix/plugin",
    { files: scripts("remix.config"), targets: [one("devTargetName", "dev", "remix dev")] },
  ],
  [
    "@nx/expo/plugin",
    {
      files: ["app.json", ...scripts("app.config")],
      needs: scripts("metro.config"),
      targets: [one("startTargetName", "start", "expo start")],
    },
  ],
  [
    "@nx/react-native/plugin",
    {
      files: ["app.json", ...scripts("app.config")],
      needs: scripts("metro.config"),
      targets: [one("startTargetName", "start", "react-native start")],
    },
  ],
  [
    "@nx/webpack/plugin",
    { files: scripts("webpack.config"), targets: [one("serveTargetName", "serve", "webpack serve")] },
  ],
  [
    "@nx/rspack/plugin",
    { files: scripts("rspack.config"), targets: [one("serveTargetName", "serve", "rspack serve")] },
  ],
  [
    "@nx/rsbuild",
    { files: scripts("rsbuild.config"), targets: [one("devTargetName", "dev", "rsbuild dev")] },
  ],
  [
    "@nx/storybook/plugin",
    {
      files: scripts(".storybook/main"),
      targets: [one("serveStorybookTargetName", "storybook", "storybook dev")],
    },
  ],
]);

/** What an executor of a target runs, as far as it serves. */
export const executors: readonly (readonly [RegExp, string])[] = [
  [/^@(?:nx|nrwl)\/vite:dev-server$/, "vite dev"],
  [/^@(?:nx|nrwl)\/next:(?:server|dev)$/, "next dev"],
  [/^@(?:nx|nrwl)\/nuxt:serve$/, "nuxt dev"],
  [/^@(?:nx|nrwl)\/remix:serve$/, "remix dev"],
  [/^@(?:nx|nrwl)\/expo:start$/, "expo start"],
  [/^@(?:nx|nrwl)\/react-native:start$/, "react-native start"],
  [/^@(?:nx|nrwl)\/(?:webpack|web):dev-server$/, "webpack serve"],
  [/^@(?:nx|nrwl)\/rspack:dev-server$/, "rspack serve"],
  [/^@(?:nx|nrwl)\/angular:(?:dev-server|module-federation-dev-server)$/, "ng serve"],
  [/^@(?:angular-devkit\/build-angular|angular\/build):dev-server$/, "ng serve"],
  [/^@(?:nx|nrwl)\/storybook:storybook$/, "storybook dev"],
  [/^@(?:nx|nrwl)\/(?:js|node):node$/, "node main.js"],
];
