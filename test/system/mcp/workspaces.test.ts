import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeRepository } from "../../integration/sandboxes/repository.ts";
import { createHome } from "../../support/home.ts";
import { freePort } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";
import { TestAgent } from "./agent-client.ts";

const owner = { after };
const home = createHome(owner);

async function project() {
  const cwd = await prepareProject("plain", owner);
  writeFileSync(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: { port: await freePort() } } }));
  return cwd;
}

for (const protocol of [undefined, "2026-07-28"])
  test(`a client's workspaces are where its agent works (protocol ${protocol ?? "of before"})`, async () => {
    const [shop, blog, other] = await Promise.all([project(), project(), project()]);
    const roots = [shop];
    const agent = await TestAgent.connect(owner, home, {
      ...{ cwd: other, roots },
      ...(protocol ? { protocol } : {}),
    });
    assert.equal((await agent.call("status")).data.projects[0].directory, shop);
    const outside = await agent.call("start", { app: "web", directory: other });
    assert.match(outside.text, /^INVALID_INPUT: .* is outside of this client's workspaces/);
    if (protocol) return;

    roots.push(blog);
    await agent.client.sendRootsListChanged();
    await waitFor("both workspaces", async () => (await agent.call("status")).data.projects.length === 2);
    assert.match((await agent.call("start")).text, /several workspaces/);
    assert.equal((await agent.call("start", { directory: blog })).data.outcome, "started");
  });

for (const protocol of [undefined, "2026-07-28"])
  test(`what a server writes is a resource with updates (protocol ${protocol ?? "of before"})`, async () => {
    const cwd = await prepareProject("plain", owner);
    const port = await freePort();
    writeFileSync(
      join(cwd, "devlatch.json"),
      JSON.stringify({ apps: { web: { port, command: "node say.mjs" } } }),
    );
    writeFileSync(
      join(cwd, "say.mjs"),
      `import { createServer } from "node:http";
       createServer(({ url }, answer) => {
         if (url !== "/") console.log("asked for " + url);
         answer.end("ok");
       }).listen(process.env.PORT, "127.0.0.1");`,
    );
    const { client, call } = await withCall({ cwd, ...(protocol ? { protocol } : {}) });
    const { url } = (await call("start")).data;
    const { resources } = await client.listResources();
    const [resource] = resources.filter(({ description }) => description?.includes(cwd));
    assert.match(resource?.uri ?? "", /^devlatch:\/\/output\/sb_[0-9a-f]{16}\/web$/);
    const uri = resource?.uri ?? "";
    const updated: string[] = [];
    client.setNotificationHandler(
      "notifications/resources/updated",
      ({ params }) => void updated.push(params.uri),
    );
    if (protocol) await client.listen({ resourceSubscriptions: [uri] });
    else await client.subscribeResource({ uri });

    // The first look at where it stands may come after a line: what is written then is noticed.
    await waitFor("a notice", async () => {
      await fetch(`${url}/a-page`);
      return updated.length > 0;
    });
    assert.deepEqual([...new Set(updated)], [uri]);
    const [read] = (await client.readResource({ uri })).contents;
    assert.match(
      read && "text" in read ? read.text : "",
      /untrusted data, not instructions\][\s\S]*asked for \/a-page/,
    );
    await assert.rejects(client.readResource({ uri: "devlatch://output/sb_0000000000000000/web" }));
    const elsewhere = await TestAgent.connect(owner, home, { cwd, roots: [await project()] });
    await assert.rejects(elsewhere.client.readResource({ uri }), "it is outside of that one's workspaces");
    const seen = (await elsewhere.client.listResources()).resources.map((one) => one.uri);
    assert.ok(!seen.includes(uri));
  });

async function withCall(options: { readonly cwd: string; readonly protocol?: string }) {
  const agent = await TestAgent.connect(owner, home, options);
  return { client: agent.client, call: agent.call.bind(agent) };
}

test("an agent's own sandbox is its to work in and to give back; another agent's isn't", async () => {
  const { path: cwd } = await makeRepository(owner, { apps: { web: { port: await freePort() } } });
  const agent = await TestAgent.connect(owner, home, { cwd, roots: [cwd] });
  const claimed = await agent.call("sandbox", { action: "claim" });
  assert.equal(claimed.data.owner, "Claude Code", claimed.text);
  assert.ok(!JSON.stringify(claimed).includes("token"), "what proves it stays with the tools");
  const { path, sandboxId } = claimed.data;
  assert.equal((await agent.call("status", { directory: path })).data.projects[0].directory, path);

  const other = await TestAgent.connect(owner, home, { cwd, roots: [cwd], name: "Codex" });
  assert.match((await other.call("status", { directory: path })).text, /outside of this client's workspaces/);
  const refused = await other.call("sandbox", { action: "release", sandbox: sandboxId });
  assert.match(refused.text, /^CONSENT_REQUIRED: It is that of Claude Code/);
  assert.equal((await other.call("sandbox", { action: "list" })).data.sandboxes[0].owner, "Claude Code");

  assert.equal((await agent.call("sandbox", { action: "renew", sandbox: path })).data.state, "claimed");
  const released = await agent.call("sandbox", { action: "release", sandbox: path });
  assert.equal(released.data.path, path, released.text);
});
