import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { launchFailure } from "../../../daemon/host/launch.ts";
import type { HostSpec } from "../../../daemon/host/protocol.ts";

test("a pipe that another program has is named, with what to do", async (t) => {
  // What the system says of a taken address is alike for pipes and ports.
  const first = createServer().listen(0, "127.0.0.1");
  t.after(() => first.close());
  await once(first, "listening");
  const second = createServer();
  const failed = once(second, "error");
  const { address: host, port } = first.address() as AddressInfo;
  second.listen({ host, port });
  const [error] = await failed;
  const spec = { session: "dev_server_web", directory: "/home" } as HostSpec;
  const { code, message, remedy } = launchFailure(spec, error);
  assert.equal(code, "HOST_FAILED");
  assert.match(message, /web could not be started: another program has the pipe .*127\.0\.0\.1\.$/);
  assert.match(remedy, /DEVLATCH_HOME/);
});
