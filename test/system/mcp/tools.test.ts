import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { createHome } from "../../support/home.ts";
import { freePort, isPortFree } from "../../support/ports.ts";
import { prepareProject } from "../../support/projects.ts";
import { runJson } from "../json.ts";
import { TestAgent } from "./agent-client.ts";

const owner = { after };

test("an agent starts the one server, is known by its name, and stops what it alone uses", async () => {
  const home = createHome(owner);
  const cwd = await prepareProject("plain", owner);
  const port = await freePort();
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web: { port } } }));
  const agent = await TestAgent.connect(owner, home, { cwd });

  const messages: string[] = [];
  const onprogress = ({ message }: { message?: string | undefined }) => void messages.push(message ?? "");
  const started = await agent.call("start", {}, { onprogress });
  assert.equal(started.data.outcome, "started");
  assert.equal(started.data.url, `http://localhost:${port}`);
  assert.match(started.text, /^web is ready at http:/);
  assert.ok(messages.includes(`It listens on port ${port}`), messages.join("\n"));
  assert.equal((await agent.call("start", { app: "web" })).data.outcome, "reused");
  const { sessions } = await runJson<StatusResult>(["status"], { home });
  assert.equal(sessions[0]?.startedBy?.label, "agent Claude Code");
  assert.equal((await agent.call("stop")).data.outcome, "stopped");
  assert.ok(await isPortFree(port));
});
