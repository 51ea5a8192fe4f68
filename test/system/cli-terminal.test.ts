import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { atTerminal } from "../support/at-terminal.ts";
import { startAgent } from "../support/callers.ts";
import { type Running, startProgram } from "../support/child.ts";
import { createHome } from "../support/home.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";

/** A stranger that listens until it is ended. */
async function stranger(t: TestContext): Promise<{ port: number; process: Running }> {
  const port = await freePort();
  const code = `require("node:net").createServer().listen(${port}, "127.0.0.1", () => console.log("listening"))`;
  const running = await startProgram(process.execPath, ["-e", code]);
  t.after(() => {
    running.process.kill("SIGKILL");
  });
  await running.printed(/listening/);
  return { port, process: running };
}

describe("at a terminal", () => {
  it("freeing a port shows who holds it and asks; a no ends nothing and is exit 3", async (t) => {
    const home = createHome(t);
    const { port, process: victim } = await stranger(t);
    const result = await atTerminal(`port ${port} --free`, home, { answer: "n\r" });
    assert.equal(result.code, 3, result.shown);
    assert.match(result.shown, new RegExp(`${victim.pid} .*node`));
    assert.match(result.shown, /End this process\? \[y\/N\]/);
    assert.equal(await isPortFree(port), false);
  });

  it("a yes ends exactly the process shown", async (t) => {
    const home = createHome(t);
    const { port, process: victim } = await stranger(t);
    const bystander = await stranger(t);
    const result = await atTerminal(`port ${port} --free`, home, { answer: "y\r" });
    assert.equal(result.code, 0, result.shown);
    assert.equal((await victim.finished(5_000)).signal, "SIGTERM");
    assert.equal(await isPortFree(port), true);
    assert.equal(await isPortFree(bystander.port), false);
  });

  it("Ctrl-C at the question ends nothing and is exit 130", async (t) => {
    const home = createHome(t);
    const { port } = await stranger(t);
    const result = await atTerminal(`port ${port} --free`, home, { answer: "\u0003" });
    assert.equal(result.code, 130, result.shown);
    assert.equal(await isPortFree(port), false);
  });

  it("stopping a server that others use names them and asks", async (t) => {
    const home = createHome(t);
    const cwd = await prepareProject("plain", t);
    const port = await freePort();
    const started = await startAgent(t, home, "fakeagent").call(
      "start",
      "web",
      "--port",
      `${port}`,
      "--cwd",
      cwd,
    );
    assert.equal(started.code, 0, started.stderr);
    const refused = await atTerminal(`stop web --cwd '${cwd}'`, home, { answer: "n\r" });
    assert.equal(refused.code, 3, refused.shown);
    assert.match(
      refused.shown,
      /also used by fakeagent \(process \d+\)\.[\s\S]*Stop it all the same\? \[y\/N\]/,
    );
    assert.equal(await isPortFree(port), false);
    const stopped = await atTerminal(`stop web --cwd '${cwd}'`, home, { answer: "y\r" });
    assert.equal(stopped.code, 0, stopped.shown);
    assert.equal(await isPortFree(port), true);
  });

  it("a start turns a spinner, brings the cursor back, and obeys NO_COLOR", async (t) => {
    const home = createHome(t);
    const cwd = await prepareProject("plain", t);
    const result = await atTerminal(`start web --cwd '${cwd}' --port ${await freePort()}`, home);
    assert.equal(result.code, 0, result.shown);
    assert.ok(result.shown.lastIndexOf("\u001b[?25h") > result.shown.lastIndexOf("\u001b[?25l"));
    assert.ok(result.shown.includes("\u001b[1mhttp://localhost"), "the URL stands out");
    const plain = await atTerminal("status", home, { env: { NO_COLOR: "1" } });
    assert.match(plain.shown, /web +ready/);
    assert.equal(plain.shown.includes("\u001b["), false);
  });
});
