import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { canBind, findFreePort } from "../../../daemon/processes/ports.ts";
import { freePort } from "../../support/ports.ts";

async function listen(
  t: TestContext,
  options: { host: string; port?: number; ipv6Only?: boolean },
): Promise<number> {
  const server = createServer();
  t.after(() => server.close());
  server.listen({ port: 0, ...options });
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

describe("Trying a port", () => {
  for (const host of ["127.0.0.1", "::1", "0.0.0.0", "::"]) {
    it(`sees a listener on ${host}`, async (t) => {
      assert.equal(await canBind(await listen(t, { host })), false);
    });
  }

  it("sees a listener on :: alone, without IPv4", async (t) => {
    assert.equal(await canBind(await listen(t, { host: "::", ipv6Only: true })), false);
  });

  it("says a free port is free, to fifty callers at once, and leaves it free", async () => {
    const port = await freePort();
    const answers = await Promise.all(Array.from({ length: 50 }, () => canBind(port)));
    assert.deepEqual(new Set(answers), new Set([true]));
    assert.equal(await canBind(port), true);
  });

  it("finds the next free port past taken and avoided ones", async (t) => {
    const taken = await listen(t, { host: "::1" });
    const next = await findFreePort(taken);
    assert.ok(next > taken);
    assert.ok((await findFreePort(taken, new Set([next]))) > next);
  });

  it("says so when no port is left", async () => {
    await assert.rejects(findFreePort(65_535, new Set([65_535])), { code: "PORT_CONFLICT" });
  });
});
