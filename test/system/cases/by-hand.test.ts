import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { freePort, isPortFree } from "../../support/ports.ts";
import type { Answer } from "../answer.ts";
import { liveLaunches } from "../launches.ts";
import { openCase } from "./open-case.ts";

const text = async (port: number) => (await fetch(`http://localhost:${port}/`)).text();

// Its configuration says another port than its framework's usual one: that is where it is looked for.
test("a server that was started by hand on its configuration's port is taken, none beside it", async (context) => {
  const opened = await openCase(context, "10-config-port", { ports: [42_300], modules: "vite" });
  const beside = await openCase(context, "10b-other", { modules: "vite" });
  const [own = 0] = opened.ports;
  const other = await freePort();
  const stranger = await beside.byHand(`npx vite --port ${other}`);
  await stranger.printed(new RegExp(`localhost:${other}`));
  const byHand = await opened.byHand("npm run dev");
  await byHand.printed(new RegExp(`localhost:${own}`));

  const adopted = await opened.json<Answer>("start", "web");
  assert.deepEqual([adopted.outcome, adopted.port], ["adopted", own]);
  const { sessions } = await opened.json<StatusResult>("status");
  assert.deepEqual(
    sessions.map(({ app, state }) => [app, state.kind === "ready" && state.port]),
    [["web", own]],
  );
  await opened.json("stop", "web", "--yes");
  assert.ok(await isPortFree(own));
  assert.match(await text(other), /vite/, "the other project's server runs on");
});

// Its port is in a script that no framework's name tells of.
test("a plain server that was started by hand is taken, by its script or its very command", async (context) => {
  for (const script of [true, false]) {
    const opened = await openCase(context, "12-adopt-plain", { ports: [42_712] });
    const [own = 0] = opened.ports;
    const line = script ? "npm run dev" : `node server.js --port ${own}`;
    const byHand = await opened.byHand(line);
    await byHand.printed(new RegExp(`localhost:${own}`));
    const adopted = await opened.json<Answer>("start", "web");
    assert.deepEqual([adopted.outcome, adopted.port], ["adopted", own], line);
    assert.equal(liveLaunches(opened.home).size, 0, "nothing was started beside it");
    assert.equal((await opened.refused(3, "stop", "web")).code, "CONSENT_REQUIRED");
    assert.equal(await text(own), "x", "it runs on");
    await opened.json("stop", "web", "--yes");
    await byHand.finished();
    assert.ok(await isPortFree(own));
  }
});
