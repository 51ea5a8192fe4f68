import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

/**
 * Node's own modules, each loaded when something of it is used. An import of one reads all its exports, and some of those
 * load more (`fs` its promises, `http` the client of fetch): half of what a short command took.
 */
export const lazyBuiltins: Plugin = {
  name: "lazy-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind, namespace }) => {
      if (namespace.startsWith("builtin") || !isBuiltin(path)) return undefined;
      const isRequired = kind === "require-call";
      const bare = path.replace(/^node:/, "");
      return {
        path: isBuiltin(bare) ? bare : path,
        namespace: isRequired ? "builtin-cjs" : "builtin",
        sideEffects: false,
      };
    });
    onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({ contents: importedBuiltin(path) }));
    onLoad({ filter: /./, namespace: "builtin-cjs" }, ({ path }) => ({
      contents: `module.exports = ${wholeBuiltin(path)};`,
    }));
  },
};

/** Classes that libraries make instances of, and nothing else: one is loaded when it is made. */
const madeOnly = ["ChildProcess", "MessageChannel", "Worker"];

/** As an ES module: a function loads its module when it is called; what is none is read at once, where it is used at all. */
function importedBuiltin(name: string): string {
  const there = process.getBuiltinModule(name);
  const whole = `process.getBuiltinModule(${JSON.stringify(name)})`;
  const keys = Object.keys(there).filter((key) => /^\w+$/.test(key) && key !== "default");
  const exported = keys.map((key) => {
    const value = Object.getOwnPropertyDescriptor(there, key)?.value;
    const isPlain = typeof value === "function" && /^[a-z]/.test(key) && Object.keys(value).length === 0;
    const isMade = madeOnly.includes(key);
    const local =
      isPlain || isMade
        ? `function $${key}(...args) { return ${isMade ? `new (${whole}.${key})` : `${whole}.${key}`}(...args); }`
        : `const $${key} = /* @__PURE__ */ (() => ${whole}.${key})();`;
    return `${local}\nexport { $${key} as ${key} };`;
  });
  return `${exported.join("\n")}\nexport default /* @__PURE__ */ (() => (${wholeBuiltin(name)}))();`;
}

/** As libraries require it, and as a default import: an object that loads the module when something of it is read. */
function wholeBuiltin(name: string): string {
  const there = process.getBuiltinModule(name);
  const whole = `process.getBuiltinModule(${JSON.stringify(name)})`;
  // Such a module is a class (`events`), or lives by being itself.
  if (typeof there === "function" || name === "process") return whole;
  const getters = Object.keys(there).map(
    (key) => `get ${JSON.stringify(key)}() { return ${whole}[${JSON.stringify(key)}]; },`,
  );
  return `{\n${getters.join("\n")}\n}`;
}
