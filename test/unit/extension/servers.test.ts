import assert from "node:assert/strict";
import { test } from "node:test";
import {
  commandOf,
  portOf,
  serverFrom,
  serversElsewhere,
  serversOf,
  urlOf,
} from "../../../extension/state/servers.ts";
import { folder, sandbox, session, states, summary, windowState } from "./samples.ts";

test("an app that never ran is a stopped server on its wished port", () => {
  const [web, ...others] = serversOf(windowState());
  assert.deepEqual(others, []);
  assert.equal(web?.state.kind, "stopped");
  assert.equal(web && portOf(web), 3000);
  assert.equal(web && urlOf(web), undefined);
});

test("a session of the sandbox is joined with its app: the real port counts, not the wished one", () => {
  const [web] = serversOf(windowState({ sessions: [session("web", states.ready)] }));
  assert.equal(web && portOf(web), 3001);
  assert.equal(web && urlOf(web), "http://localhost:3001");
});

test("what runs now is shown with the command it runs with, what is stopped with the one it would start with", () => {
  const running = serversOf(windowState({ sessions: [session("web", states.ready)] }))[0];
  const over = serversOf(windowState({ sessions: [session("web", states.stopped)] }))[0];
  assert.equal(running && commandOf(running), "npm run dev");
  assert.equal(over && commandOf(over), "npm run web");
});

test("a session of an app no file mentions is listed while it runs or failed, not once it is stopped", () => {
  const apps = (sessions: Parameters<typeof windowState>[0]) =>
    serversOf(windowState(sessions)).map(({ app }) => app);
  assert.deepEqual(apps({ sessions: [session("api", states.ready)] }), ["web", "api"]);
  assert.deepEqual(apps({ sessions: [session("api", states.failed)] }), ["web", "api"]);
  assert.deepEqual(apps({ sessions: [session("api", states.stopped)] }), ["web"]);
});

test("two folders of one sandbox show each server once", () => {
  const view = sandbox([summary("web"), summary("mobile", 8081)]);
  const servers = serversOf(windowState({ folders: [folder("shop", view), folder("shop/app", view)] }));
  assert.deepEqual(
    servers.map(({ app, place }) => [app, place]),
    [
      ["web", "shop"],
      ["mobile", "shop"],
    ],
  );
});

test("servers of other sandboxes are elsewhere while they live, and never mixed with this workspace's", () => {
  const foreign = { sandboxId: "sb_2", root: "/work/blog" };
  const state = windowState({
    sessions: [
      session("web", states.starting),
      session("web", states.ready, foreign),
      session("mobile", states.stopped, foreign),
    ],
  });
  assert.deepEqual(
    serversOf(state).map(({ state }) => state.kind),
    ["starting"],
  );
  assert.deepEqual(
    serversElsewhere(state).map(({ app, place, cwd }) => [app, place, cwd]),
    [["web", "blog", "/work/blog"]],
  );
});

test("seen from a package of the workspace an app is the sandbox's, asked for from that package", () => {
  const state = windowState({ sessions: [session("web", states.ready)] });
  const web = serverFrom("/work/shop/apps/web", sandbox([summary("web")]), "web", state);
  assert.deepEqual(
    [web.key, web.cwd, web.place, web.state.kind],
    ["sb_1/web", "/work/shop/apps/web", "web", "ready"],
  );
  const api = serverFrom("/work/shop/apps/web", sandbox([summary("web")]), "api", state);
  assert.deepEqual([api.key, api.state.kind], ["sb_1/api", "stopped"]);
});
