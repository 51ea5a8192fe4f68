import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ThreadPage } from "../../../shared/model/thread.ts";
import { leftToCampaign } from "../../support/campaign.ts";
import { isPortFree } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import { inWorld, plainServer, type World } from "./world.ts";

/** Resident memory in MB. */
function residentMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

const logs = (world: World, ...args: string[]) => world.ok<ThreadPage>(["logs", "web", ...args]);

/** Writes without end, as fast as the terminal takes it. */
const flood = `${plainServer}
const { write } = process.stdout;
const block = ("x".repeat(99) + "\\n").repeat(10_000);
const go = () => process.stdout.write(block, () => setImmediate(go));
go();`;

test(
  "a server that writes as fast as it can: everything answers, memory stays flat, and it is stopped at once",
  { skip: leftToCampaign },
  inWorld({ server: flood }, async (world) => {
    await world.ok(["start", "web"]);
    const [daemon, host] = [world.home.daemonPid(), world.host()?.pid];
    const written = async () => (await logs(world, "--limit", "1")).next;
    const before = await written();
    await waitFor("a lot of output", async () => (await written()) - before > 300_000);
    const [daemonMb, hostMb] = [residentMb(daemon), residentMb(host)];
    assert.ok(daemonMb < 200 && hostMb < 250, `daemon ${daemonMb} MB, host ${hostMb} MB`);
    assert.equal((await world.ok<Answer>(["start", "web"])).outcome, "reused");
    await world.ok(["stop", "web"]);
    assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
  }),
);

test(
  "one line of 50 MB: it is kept in pieces, and what follows is there",
  { skip: leftToCampaign },
  inWorld(
    {
      server:
        `process.stdout.write("y".repeat(50 * 1024 * 1024), () => { process.stdout.write("\\nafter it\\n"); });
        ${plainServer}`.replace(/^/, ""),
    },
    async (world) => {
      await world.ok(["start", "web", "--timeout", "100"]);
      const host = world.host()?.pid;
      const seen = await waitFor("what follows", async () => {
        const { messages } = await logs(world, "--grep", "^after it$");
        return messages[0];
      });
      assert.ok(seen.seq > 1);
      assert.ok(residentMb(host) < 300, `host ${residentMb(host)} MB`);
      await world.ok(["stop", "web"]);
    },
  ),
);

test(
  "bytes that are no UTF-8, escapes cut in two and a NUL: the text is readable and the server goes on",
  inWorld(
    {
      server: `process.stdout.write(Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28, 0x00, 0x62, 0x0a]));
        process.stdout.write("\\u001b[3"); setTimeout(() => process.stdout.write("1mred\\u001b[0m\\n"), 50);
        ${plainServer.replace('console.log("up");', "")}`,
    },
    async (world) => {
      await world.ok(["start", "web"]);
      const red = await waitFor("the line", async () => {
        const { messages } = await logs(world, "--cursor", "0");
        return messages.some(({ text }) => text === "red") ? messages : undefined;
      });
      assert.match(red[0]?.text ?? "", /^a\uFFFD+\(.*b$/);
      await world.ok(["stop", "web"]);
    },
  ),
);
