import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { askServer } from "../../../daemon/sessions/ask.ts";
import type { ReadyProbe } from "../../../shared/model/app.ts";

for (const [ready, unwellAt] of [
  [undefined, undefined],
  [{ http: "/health" }, "/health"],
  [{ http: "/health", status: 503 }, undefined],
  [{ http: "/health", status: 200 }, "/health"],
  [{ http: "/" }, undefined],
] as const satisfies readonly (readonly [ReadyProbe | undefined, string | undefined])[]) {
  test(`a server that says 503 at /health, by ${JSON.stringify(ready)}: ${unwellAt ? "unwell" : "well"}`, async (t) => {
    const server = createServer((request, response) => {
      response.writeHead(request.url === "/health" ? 503 : 200).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const answer = await askServer({ url, ready }, t.signal);
    assert.equal(answer.kind === "answer" ? answer.unwellAt : answer.kind, unwellAt);
  });
}
