import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort, isPortFree } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";
import { liveLaunches } from "./launches.ts";

const leaking = `
import { createServer } from "node:http";
const kept = [];
setInterval(() => kept.push(Buffer.alloc(20 * 1024 * 1024, 1)), 100);
createServer((request, response) => response.end("up")).listen(Number(process.env.PORT), "127.0.0.1");
`;

test("a server that leaks is stopped at its limit, isn't restarted, and says why", {
  timeout: 600_000,
}, async (t) => {
  const home = createHome(t);
  const cwd = await prepareProject("plain", t);
  const port = await freePort();
  await writeFile(join(cwd, "server.js"), leaking);
  const web = { port, restart: "always", limits: { memoryMb: 300 } };
  await writeFile(join(cwd, "devlatch.json"), JSON.stringify({ apps: { web } }));
  await runJson<Answer>(["start", "web", "--cwd", cwd], { home });
  const state = await waitFor(
    "the stop",
    async () => {
      const found = (await runJson<StatusResult>(["status"], { home })).sessions[0]?.state;
      return found?.kind === "failed" ? found : undefined;
    },
    { intervalMs: 500 },
  );
  assert.equal(state.error.code, "LIMIT_EXCEEDED");
  assert.match(state.error.message, /it used .* of memory, and 300 MB are its limit/);
  assert.deepEqual([liveLaunches(home).size, await isPortFree(port)], [0, true]);
});
