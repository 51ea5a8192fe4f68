import assert from "node:assert/strict";
import { request } from "node:https";
import { test } from "node:test";
import { leftToCampaign } from "../../support/campaign.ts";
import { freePort, isPortFree, occupyPort } from "../../support/ports.ts";
import type { Answer } from "../answer.ts";
import { openCase } from "./open-case.ts";

interface Started extends Answer {
  readonly notice?: string;
}

const text = async (url: string) => (await fetch(url)).text();

/** The status of a page whose certificate its server made itself. */
function statusOverTls(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { rejectUnauthorized: false, agent: false }, ({ statusCode }) => resolve(statusCode))
      .once("error", reject)
      .end();
  });
}

// A server whose script names its port moves to the next one by itself: the URL told must be the real one.
test("a port that the script sets and another has is named, or left for the next one", async (context) => {
  const opened = await openCase(context, "08-hard-port", { ports: [42_808], modules: "vite" });
  const [own = 0] = opened.ports;
  const stranger = await occupyPort(own);
  context.after(() => stranger.release());
  const refused = await opened.refused(3, "start", "web");
  assert.equal(refused.code, "PORT_CONFLICT");
  assert.match(refused.message, new RegExp(`Port ${own}, .*pid ${process.pid}\\b`));

  const next = await opened.json<Started>("start", "web", "--on-conflict", "next");
  assert.ok(next.port > own);
  assert.match(next.notice ?? "", new RegExp(`Port ${own} is taken; web was given port ${next.port}`));
  assert.match(await text(next.url), /\/@vite\/client/);
  await opened.json("stop", "web");
  assert.ok(await isPortFree(next.port));
});

// A runner hands no words on: a port that can't reach the server behind it is refused, not dropped in silence.
test("a port asked for that a runner wouldn't hand on is refused before anything runs", async (context) => {
  const opened = await openCase(context, "08-hard-port", { ports: [42_808], modules: "vite" });
  const [own = 0] = opened.ports;
  const other = await freePort();
  for (const line of [
    'concurrently "npm:dev"',
    `vite --port ${own} && echo done`,
    `vite --port ${own} & sleep 600`,
  ]) {
    const scripts = { dev: `vite --port ${own}`, "dev:all": line };
    await opened.write("package.json", JSON.stringify({ private: true, type: "module", scripts }));
    const refused = await opened.refused(
      3,
      "start",
      "web",
      "--port",
      `${other}`,
      "--",
      "npm",
      "run",
      "dev:all",
    );
    assert.equal(refused.code, "PORT_FIXED", line);
    assert.match(
      refused.message,
      new RegExp(`can't be given port ${other}, because .*Its own port, ${own}, is free`),
    );
  }
  const scripts = { dev: `true && vite --port ${own}` };
  await opened.write("package.json", JSON.stringify({ private: true, type: "module", scripts }));
  const reached = await opened.json<Started>("start", "web", "--port", `${other}`);
  assert.equal(reached.port, other, "the last of a chain gets the words");
});

// Its configuration says its port, and that it takes no other: the server ends where that is in use.
test("a port that the configuration insists on is a conflict with its holder's name, and can be another", {
  skip: leftToCampaign,
}, async (context) => {
  const opened = await openCase(context, "p20-strictport-config-conflict", { ports: [4000] });
  const [own = 0] = opened.ports;
  const stranger = await occupyPort(own);
  context.after(() => stranger.release());
  const refused = await opened.refused(3, "start", "web");
  assert.equal(refused.code, "PORT_CONFLICT");
  assert.match(refused.message, new RegExp(`Port ${own}, .*vite\\.config\\.ts.*pid ${process.pid}\\b`));

  const next = await opened.json<Started>("start", "web", "--on-conflict", "next");
  assert.ok(next.port > own);
  assert.equal(next.url, `https://127.0.0.1:${next.port}`.replace("127.0.0.1", "localhost"));
  assert.equal(await statusOverTls(next.url), 200);
  await opened.json("stop", "web");
});

// Of two listeners the one on the port that was chosen is the app, not the one that was quicker.
test("the port that was given in place of a taken one is the app's, whatever else it listens on", async (context) => {
  const opened = await openCase(context, "08-next-port", { ports: [42_650, 42_660] });
  const [metrics = 0, own = 0] = opened.ports;
  const stranger = await occupyPort(own);
  context.after(() => stranger.release());
  const next = await opened.json<Started>("start", "api", "--on-conflict", "next");
  assert.ok(next.port > own && next.port !== metrics, `${next.port}`);
  assert.equal(await text(next.url), "APP");
});
