import type { Plugin } from "esbuild";

/**
 * The agents' kit checks what a client answers to a question with the smaller of the two validators it comes with: the other
 * one is as large as all the rest of the kit.
 */
export const leanValidator: Plugin = {
  name: "lean-validator",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, ({ path, resolveDir }) => ({
      path,
      namespace: "lean-validator",
      pluginData: resolveDir,
    }));
    onLoad({ filter: /./, namespace: "lean-validator" }, ({ pluginData }) => ({
      contents: `export { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from "@modelcontextprotocol/server/validators/cf-worker";
export { default as process } from "node:process";`,
      resolveDir: pluginData,
    }));
  },
};

/** The editor's own module is one of its import, also for CommonJS libraries, which require it. */
export const requiredEditor: Plugin = {
  name: "required-editor",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vscode$/ }, ({ path, kind }) =>
      kind === "require-call" ? { path, namespace: "required-editor" } : { path, external: true },
    );
    onLoad({ filter: /./, namespace: "required-editor" }, () => ({ contents: 'export * from "vscode";' }));
  },
};
