import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { it, type TestContext } from "node:test";
import { declaredBy } from "../../daemon/cli/arguments/declared-by.ts";
import { verbs } from "../../daemon/cli/verbs/all.ts";
import { runProgram } from "../support/child.ts";
import { commandLine, runCli } from "../support/cli.ts";
import { createHome, type TestHome } from "../support/home.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";

/** Writes down which modules are loaded, and which of Node's own. */
const recorder = `
import { registerHooks } from "node:module";
const urls = [];
registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
process.on("exit", () => process.getBuiltinModule("node:fs").writeFileSync(process.env.LOADED_FILE,
  JSON.stringify({ urls, builtins: process.moduleLoadList })));`;

/** Runs a command line and tells what it loaded: files by their name without its digest, and modules of Node. */
async function loaded(t: TestContext, home: TestHome, args: readonly string[], input?: string) {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-loaded-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "loaded.json");
  const all = ["--import", `data:text/javascript,${encodeURIComponent(recorder)}`, commandLine, ...args];
  const result = await runProgram(process.execPath, all, {
    env: home.env({ LOADED_FILE: file }),
    ...(input === undefined ? {} : { input }),
  });
  // The plain server says nothing of a build.
  assert.equal(result.code, args[0] === "wait" ? 6 : 0, result.stderr);
  const { urls, builtins } = JSON.parse(readFileSync(file, "utf8")) as Record<"urls" | "builtins", string[]>;
  const names = urls
    .filter((url) => url.startsWith("file:"))
    .map((url) => url.replace(/^.*\//, "").replace(/-[A-Z0-9]{8}\.js$/, ""));
  const texts = urls
    .filter((url) => url.startsWith("file:"))
    .map((url) => readFileSync(new URL(url), "utf8"));
  const hasSchemas = texts.some((text) => text.includes("_zod"));
  return {
    names,
    hasSchemas,
    loads: (module: string) => builtins.some((one) => one === `NativeModule ${module}`),
  };
}

it("--version loads nothing but the way to say it", async (t) => {
  const { names } = await loaded(t, createHome(t), ["--version"]);
  assert.deepEqual(names, ["devlatch.js"]);
});

/** What all verbs of every day are in. */
const everyday = ["devlatch.js", "part-begin", "everyday.js"];

it("status, start, wait, logs and stop load one file with all they need on a server that runs", async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const start = ["start", "web", "--port", String(await freePort()), "--cwd", cwd];
  assert.equal((await runCli(start, { home })).code, 0);
  for (const verb of ["status", "start", "wait", "logs", "stop"]) {
    const words = verb === "status" ? [verb] : [verb, "web"];
    const { names, loads } = await loaded(t, home, [...words, "--cwd", cwd]);
    // Of an answer that isn't there soon the deadline is looked up, which a slow machine alone does here.
    const late = names.indexOf("part-methods");
    assert.deepEqual(late < 0 ? names : names.slice(0, late), everyday, verb);
    // What the daemon is reached by loads Node's client of HTTP, and no more of Node than that.
    for (const module of ["https", "tls", "child_process", "worker_threads", "fs/promises", "readline"])
      assert.equal(loads(module), false, `${verb}: ${module}`);
  }
});

it("a hook is answered by one file with all it needs, and passes what is none of its business without that", async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  assert.equal((await runCli(["daemon", "start"], { home })).code, 0);
  const call = (command: string) =>
    JSON.stringify({ hook_event_name: "PreToolUse", tool_name: "Bash", cwd, tool_input: { command } });
  for (const [command, more] of [
    ["git status", []],
    ["npm run dev", ["guard.js"]],
    ["kill $(lsof -ti:9999)", ["guard.js"]],
  ] as const) {
    const { names } = await loaded(t, home, ["guard"], call(command));
    assert.deepEqual(names, ["devlatch.js", "part-main", ...more], command);
  }
});

it("a verb that is used seldom loads what it takes, and not what the others are in", async (t) => {
  const home = createHome(t);
  assert.equal((await runCli(["daemon", "start"], { home })).code, 0);
  const { names } = await loaded(t, home, ["locks"]);
  assert.ok(names.includes("part-locks") && !names.includes("everyday.js"), names.join(", "));
});

it("what a shell asks at the prompt is answered without verbs and schemas, by what the verbs declare", async (t) => {
  const { names, hasSchemas } = await loaded(t, createHome(t), ["completion", "bash", "--", "st"]);
  assert.equal(hasSchemas, false);
  assert.deepEqual(
    names.filter((name) => Object.hasOwn(verbs, name.replace("part-", ""))),
    [],
  );
  const kept: unknown = JSON.parse(readFileSync(join(dirname(commandLine), "verbs.json"), "utf8"));
  assert.deepEqual(kept, JSON.parse(JSON.stringify(await declaredBy(verbs))));
});

it("help loads no verb: it shows what they declare", async (t) => {
  const { names } = await loaded(t, createHome(t), ["--help"]);
  for (const name of ["part-logs", "part-doctor", "part-sandbox"]) assert.ok(!names.includes(name), name);
});
