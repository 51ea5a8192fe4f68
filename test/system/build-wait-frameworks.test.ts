import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { BuildWaitResult } from "../../shared/protocol/builds.ts";
import { leftToCampaign } from "../support/campaign.ts";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { prepareCase, prepareProject } from "../support/projects.ts";

test("Vite: a module that nothing asked for yet is no clean build; it is mended when it is", async (context) => {
  const home = createHome(context);
  const cwd = await prepareCase("37-vite-wait", context, "vite");
  const port = String(await freePort());
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ type: "module", scripts: { dev: "vite" } }));
  await runJson(["start", "web", "--port", port, "--cwd", cwd], { home });
  const wait = async (...flags: readonly string[]) => {
    const { code, stdout } = await runCli(["wait", "web", "--json", "--cwd", cwd, ...flags], { home });
    return { code, ...(JSON.parse(stdout) as BuildWaitResult) };
  };
  const broken = await wait();
  assert.equal(broken.code, 1, JSON.stringify(broken));
  assert.match(broken.errors[0]?.message ?? "", /Failed to resolve import ".\/gone.ts"/);
  assert.equal(broken.errors[0]?.place?.file, "app.ts");
  writeFileSync(join(cwd, "app.ts"), "export const App = 2;\n");
  const mended = await wait();
  assert.deepEqual([mended.code, mended.status], [0, "clean"], JSON.stringify(mended));
  // Vite says nothing of what it serves: all that the page leads to was served, so nothing is waited for.
  const served = await wait("--grace", "60");
  assert.deepEqual([served.status, served.elapsedMs < 60_000], ["clean", true], JSON.stringify(served));
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

test("Vite: a module that was mended before it ever loaded is asked for", {
  skip: leftToCampaign,
}, async (context) => {
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

/** As Fastify's command line does: it starts the server again when a file changes, and tells why one ended in a line. */
const terse = `
import { spawn } from "node:child_process";
import { watch } from "node:fs";
const run = () => {
  const child = spawn(process.execPath, ["server.mjs"], { stdio: ["ignore", "inherit", "pipe"] });
  let said = "";
  child.stderr.on("data", (piece) => (said += piece));
  child.once("close", () => console.log(/^SyntaxError.*$/m.exec(said)?.[0] ?? ""));
  return child;
};
let child = run();
watch("server.mjs", () => {
  child.removeAllListeners("close");
  child.once("exit", () => (child = run()));
  if (child.exitCode !== null) child = run();
  else child.kill();
});
`;
const sound =
  'import { createServer } from "node:http";\ncreateServer((q, r) => r.end("x")).listen(process.env.PORT);\n';

test("a server that its runner couldn't start again has crashed, with the words it wrote, until it answers again", async (context) => {
  const home = createHome(context);
  const cwd = await prepareProject("plain", context);
  const put = (name: string, text: string) => writeFileSync(join(cwd, name), text);
  put("runner.mjs", terse);
  put("server.mjs", sound);
  const app = { command: "node runner.mjs", port: await freePort() };
  put("devlatch.json", JSON.stringify({ apps: { web: app } }));
  await runJson(["start", "web", "--cwd", cwd], { home });
  const wait = () => runCli(["wait", "web", "--visit", "/", "--cwd", cwd], { home });
  assert.equal((await wait()).code, 0);
  put("server.mjs", `${sound}const broken = (;\n`);
  const broken = await wait();
  assert.deepEqual(
    [broken.code, broken.stdout],
    [1, "SyntaxError: Unexpected token ';'\n1 error\n"],
    broken.stderr,
  );
  put("server.mjs", sound);
  const mended = await wait();
  assert.deepEqual([mended.code, mended.stdout], [0, "clean\n"], mended.stderr);
});
