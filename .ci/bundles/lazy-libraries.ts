import type { Plugin } from "esbuild";

/**
 * Libraries of one function that few calls need, each loaded when it is called: to read what Unicode says of emoji takes as
 * long as half of a short command.
 */
export const lazyLibraries: Plugin = {
  name: "lazy-libraries",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:string-width|cli-truncate)$/ }, ({ path, importer, resolveDir }) =>
      importer.includes("node_modules") || importer === path
        ? undefined
        : { path, namespace: "lazy", pluginData: resolveDir, sideEffects: false },
    );
    onLoad({ filter: /./, namespace: "lazy" }, ({ path, pluginData }) => ({
      contents: `let loaded;
export default (...args) => (loaded ??= require(${JSON.stringify(path)}).default)(...args);`,
      resolveDir: pluginData,
    }));
  },
};
