import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

// The bundler imports Lua scripts as text; this does the same for tests that run on plain Node.
registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith(".lua")) return nextLoad(url, context);
    const source = `export default ${JSON.stringify(readFileSync(new URL(url), "utf8"))};`;
    return { format: "module", source, shortCircuit: true };
  },
});
