import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openRedisStore } from "../../../daemon/store/redis/store.ts";
import type { Store } from "../../../daemon/store/store.ts";
import { runProgram } from "../../support/child.ts";
import { freePort } from "../../support/ports.ts";
import { startRedis } from "../../support/redis.ts";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { waitFor } from "../../support/wait.ts";
import { request } from "./claims/handles.ts";

test("connections that went silent without being closed are noticed and replaced, the subscriber's too", async (t) => {
  const { proxied, direct, proxy } = await network(t);
  const seen = new Set<string>();
  t.after(proxied.records.onChanged(({ key }) => seen.add(key)).dispose);
  await direct.records.put("before", 1, 0);
  await waitFor("a change", () => seen.has("before"));
  proxy.freeze();
  const frozenAt = proxy.count;
  await direct.records.put("during", 1, 0);
  await waitFor("the change that was missed", () => seen.has("during"));
  assert.ok(proxy.count > frozenAt);
  assert.equal((await proxied.records.get("during"))?.value, 1);
});

test("a write whose reply was cut off is sent again and still happens once", async (t) => {
  const { proxied, proxy } = await network(t);
  const a = request();
  const answers: unknown[] = [];
  const writes: (() => Promise<unknown>)[] = [
    () => proxied.records.put("r", "once", 0),
    () => proxied.records.put("r", "twice", Number(answers[0])),
    () => proxied.records.delete("r", Number(answers[1])),
    () => proxied.locks.acquire(a, 0),
    () => proxied.locks.release(a.key, a.token),
  ];
  for (const write of writes) {
    const connections = proxy.count;
    proxy.cutNextReplies();
    answers.push(await write());
    assert.ok(proxy.count > connections, "the connection was not cut");
  }
  const [created, changed, deleted, acquired, released] = answers;
  assert.deepEqual([changed, deleted, released], [Number(created) + 1, true, true]);
  assert.equal((acquired as { kind: string }).kind, "granted");
});

test("rediss:// talks TLS, and an unknown certificate is refused with what to do", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "devlatch-tls-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const [key, certificate] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const made = await runProgram("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"],
    ...["-keyout", key, "-out", certificate, ...subject],
  ]);
  assert.equal(made.code, 0, made.stderr);
  const port = await freePort();
  const tls = ["--tls-port", String(port), "--tls-cert-file", certificate, "--tls-key-file", key];
  const redis = await startRedis({ args: [...tls, "--tls-auth-clients", "no"] });
  t.after(() => redis.stop());
  const visitor = new URL("./visit-redis.ts", import.meta.url).pathname;
  const register = new URL("../../support/register.mjs", import.meta.url).href;
  const visit = (env: NodeJS.ProcessEnv) =>
    runProgram(process.execPath, ["--import", register, visitor, `rediss://localhost:${port}`], {
      env: { ...process.env, ...env },
    });
  assert.match((await visit({ NODE_EXTRA_CA_CERTS: certificate })).stdout, /^version \d+$/m);
  assert.match((await visit({})).stdout, /^STORE_UNAVAILABLE .*self-signed certificate.*NODE_EXTRA_CA_CERTS/);
});

async function network(t: TestContext): Promise<{ proxied: Store; direct: Store; proxy: TcpProxy }> {
  const redis = await startRedis();
  const proxy = await startTcpProxy(redis.port);
  const proxied = await openRedisStore({
    url: `redis://127.0.0.1:${proxy.port}`,
    clientName: "proxied",
    commandTimeoutMs: 1_000,
    pingMs: 100,
  });
  const direct = await openRedisStore({ url: redis.url, clientName: "direct" });
  t.after(async () => {
    await proxied.close();
    await direct.close();
    await proxy.close();
    await redis.stop();
  });
  return { proxied, direct, proxy };
}
