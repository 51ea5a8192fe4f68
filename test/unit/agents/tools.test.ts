import assert from "node:assert/strict";
import { test } from "node:test";
import { described } from "../../../daemon/mcp/calls.ts";
import type { Tool } from "../../../shared/agents/tool.ts";
import { tools } from "../../../shared/agents/tools.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import { type Answering, fakeCaller, person } from "./fake-caller.ts";

function named(verb: string): Tool {
  const found = tools.find(({ name }) => name === `devlatch_${verb}`);
  assert.ok(found);
  return found;
}

test("eight tools cost an agent less than 1,500 tokens, all that it is told of them counted", () => {
  assert.equal(tools.length, 8);
  const list = JSON.stringify(tools.map(described));
  assert.ok(list.length / 3.5 < 1_500, `${list.length} characters`);
});

test("no tool takes a command line, a pid, a variable or a consent from an agent", () => {
  for (const { name, schema } of tools) {
    const fields = Object.keys(schema["properties"] as object);
    for (const field of ["command", "pid", "env", "yes", "consent", "token"])
      assert.ok(!fields.includes(field), `${name} has ${field}`);
  }
});

test("what only looks is said to, and what may end something, too", () => {
  const kinds = tools.map(({ name, hints }) => [
    name.replace("devlatch_", ""),
    hints.readOnly,
    hints.destructive,
  ]);
  assert.deepEqual(kinds, [
    ["start", false, false],
    ["status", true, false],
    ["wait", true, false],
    ["logs", true, false],
    ["restart", false, true],
    ["stop", false, true],
    ["run", false, true],
    ["sandbox", false, true],
  ]);
});

const usedByOthers = new DevlatchError(
  "CONSENT_REQUIRED",
  "dev_server_web is also used by window of \u001b[31mshop.",
  "To stop it all the same: devlatch stop web --yes",
);
const stopping: Answering = ({ params }) => {
  if (!params.yes) throw usedByOthers;
  return { outcome: "stopped", session: "dev_server_web", elapsedMs: 5, survivors: [] };
};

test("what others use is stopped when the person agrees to what is shown, and not before", async () => {
  const { asked, consent } = person(true);
  const { caller, sent } = fakeCaller(stopping, { consent });
  const answer = await named("stop").call({ app: "web" }, caller);
  assert.equal(answer.data["outcome"], "stopped");
  assert.deepEqual(
    sent.map(({ params }) => params.yes),
    [false, true],
  );
  assert.deepEqual(asked, [
    {
      message: "Claude Code wants to stop web in /srv/shop. dev_server_web is also used by window of shop.",
      agree: "Stop it",
    },
  ]);
});

test("where the person says no, or can't be asked, nothing is sent again and the remedy is a person's", async () => {
  const denied = fakeCaller(stopping, person(false));
  const no = await named("stop").call({ app: "web" }, denied.caller);
  assert.match(no.text, /^CONSENT_REQUIRED: .*The person said no/);
  assert.equal(denied.sent.length, 1);
  const alone = fakeCaller(stopping);
  const never = await named("restart").call({ app: "web" }, alone.caller);
  assert.equal(never.isError, true);
  assert.match(never.text, /ask the person to run: devlatch restart web --yes --cwd \/srv\/shop/);
  assert.equal(alone.sent.length, 1);
});

const began = {
  session: "s",
  state: "ready",
  pid: 7,
  port: 3000,
  url: "http://localhost:3000",
  sandboxId: "sb",
  fence: 1,
  startedAt: 0,
  elapsedMs: 9,
};

test("without an app all of the project is started, and one that fails doesn't hide the others", async () => {
  const { caller } = fakeCaller(({ method, params }) => {
    if (method === "project/apps")
      return { apps: ["api", "web"].map((app) => ({ app, dependsOn: [], active: false })) };
    if (params.app === "api") throw new DevlatchError("EXITED_EARLY", "api ended.", "Read it.");
    return { ...began, outcome: "started", app: "web" };
  });
  const answer = await named("start").call({}, caller);
  assert.match(answer.text, /^api: EXITED_EARLY: api ended.\nweb: web is ready at http:\/\/localhost:3000/);
  assert.equal(answer.isError, true);
});

test("a server that isn't ready in time goes on starting, and the agent is told how to wait on", async () => {
  const { caller, sent } = fakeCaller(() => {
    throw new DevlatchError("DEADLINE", "Starting web took longer than 50 s.", "Allow more with --timeout.");
  });
  const answer = await named("start").call({ app: "web" }, caller);
  assert.match(answer.text, /^DEADLINE: web isn't ready yet; it goes on starting.\n.*devlatch_start again/);
  assert.equal(sent[0]?.params.timeoutMs, 50_000, "before clients give up");
});

test("who cancels leaves at once, and what it asked for isn't taken back", async () => {
  const cancelled = new AbortController();
  const signals: (AbortSignal | undefined)[] = [];
  const { caller } = fakeCaller(() => {}, {
    signal: cancelled.signal,
    sender: {
      request: (_method, _params, { signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      },
      onNotification: () => ({ dispose: () => {} }),
    },
  });
  const call = named("start").call({ app: "web" }, caller);
  cancelled.abort(new DevlatchError("CANCELLED", "Enough.", "Nothing to do."));
  await assert.rejects(call, { code: "CANCELLED" });
  assert.deepEqual(signals, [undefined], "the daemon isn't told to stop");
});

test("what a tool doesn't take is refused, not ignored", async () => {
  const { caller, sent } = fakeCaller(() => ({}));
  for (const input of [{ yes: true }, { app: "Web!" }, { app: 7 }, "web", [], { directory: "" }]) {
    const answer = await named("stop").call(input, caller);
    assert.match(answer.text, /^INVALID_INPUT: devlatch_stop: /, JSON.stringify(input));
  }
  assert.equal(sent.length, 0);
});
