import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { BuildWaitResult } from "../../shared/protocol/builds.ts";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { prepareCase } from "../support/projects.ts";
import { runJson } from "./json.ts";

test("Vite: a module that nothing asked for yet is no clean build; it is mended when it is", async (context) => {
  const home = createHome(context);
  const cwd = await prepareCase("37-vite-wait", context, "vite");
  const port = String(await freePort());
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ type: "module", scripts: { dev: "vite" } }));
  await runJson(["start", "web", "--port", port, "--cwd", cwd], { home });
  const wait = async () => {
    const { code, stdout } = await runCli(["wait", "web", "--json", "--cwd", cwd], { home });
    return { code, ...(JSON.parse(stdout) as BuildWaitResult) };
  };
  const broken = await wait();
  assert.equal(broken.code, 1, JSON.stringify(broken));
  assert.match(broken.errors[0]?.message ?? "", /Failed to resolve import ".\/gone.ts"/);
  assert.match(broken.errors[0]?.place?.file ?? "", /app\.ts$/);
  writeFileSync(join(cwd, "app.ts"), "export const App = 2;\n");
  const mended = await wait();
  assert.deepEqual([mended.code, mended.status], [0, "clean"], JSON.stringify(mended));
  writeFileSync(join(cwd, "app.ts"), 'import "./lost.ts";\nexport const App = 3;\n');
  const again = await wait();
  assert.equal(again.code, 1, JSON.stringify(again));
  assert.match(again.errors[0]?.message ?? "", /Failed to resolve import ".\/lost.ts"/);
});

/** As plugins of single-file components do: a file that is broken is compiled when it changes, one that is mended is not. */
const quiet = `
export default {
  plugins: [{
    name: "quiet",
    async handleHotUpdate({ file, read, server }) {
      if (file.endsWith("a.js") && (await read()).includes("(;")) await server.warmupRequest("/a.js");
      return [];
    },
  }],
};
`;

test("Vite: a module that was mended before it ever loaded is asked for", async (context) => {
  const home = createHome(context);
  const cwd = await prepareCase("37-vite-wait", context, "vite");
  const put = (name: string, text: string) => writeFileSync(join(cwd, name), text);
  put("package.json", JSON.stringify({ type: "module", scripts: { dev: "vite" } }));
  put("vite.config.js", quiet);
  put("app.ts", 'import { a } from "./a.js";\nexport const App = a;\n');
  await runJson(["start", "web", "--port", String(await freePort()), "--cwd", cwd], { home });
  const wait = async () => {
    const { code, stdout } = await runCli(["wait", "web", "--json", "--cwd", cwd], { home });
    return { code, ...(JSON.parse(stdout) as BuildWaitResult) };
  };
  assert.equal((await wait()).code, 0);
  put("a.js", "export const a = (;\n");
  const broken = await wait();
  assert.equal(broken.code, 1, JSON.stringify(broken));
  assert.match(broken.errors[0]?.place?.file ?? "", /a\.js$/);
  put("a.js", "export const a = 3;\n");
  const mended = await wait();
  assert.deepEqual([mended.code, mended.status], [0, "clean"], JSON.stringify(mended));
});
