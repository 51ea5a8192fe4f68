import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ThreadPage } from "../../shared/model/thread.ts";
import { leftToCampaign } from "../support/campaign.ts";
import { runJson } from "../support/json.ts";
import { signalProcess } from "../support/processes.ts";
import { waitFor } from "../support/wait.ts";
import { assertLeft, Desk } from "./desk.ts";

/** The last line of the session's thread. */
async function lastLine(desk: Desk): Promise<string | undefined> {
  const page = await runJson<ThreadPage>(["logs", "web", "--limit", "1", "--cwd", desk.cwd], {
    home: desk.home,
  });
  return page.messages[0]?.text;
}

function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

test("SIGTERM ends it also while its terminal takes nothing", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  terminal.pause();
  terminal.type("n");
  const [client] = desk.clients();
  assert.ok(client);
  await waitFor("the flood to be written", async () => (await lastLine(desk)) === "flood over");
  signalProcess(client, "SIGTERM");
  await waitFor("it to end", () => desk.clients().length === 0);
  terminal.resume();
  await assertLeft(terminal, 143);
});

test("a terminal that falls behind costs bounded memory in client and daemon, and shows the last of it in the end", {
  skip: leftToCampaign,
}, async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  const [client] = desk.clients();
  const daemon = desk.home.daemonPid();
  assert.ok(client && daemon);
  const before = [residentMegabytes(client.pid), residentMegabytes(daemon)];
  terminal.pause();
  terminal.type("n");
  await waitFor("the flood to be written", async () => (await lastLine(desk)) === "flood over");
  const grown = [residentMegabytes(client.pid), residentMegabytes(daemon)].map(
    (now, index) => now - (before[index] ?? 0),
  );
  t.diagnostic(`client and daemon grew by ${grown.join(" and ")} MB`);
  for (const megabytes of grown) assert.ok(megabytes < 60, `${megabytes} MB`);
  terminal.resume();
  await terminal.shows("flood over");
  terminal.type("y");
  await terminal.shows('key "y"');
});

test("a command line that is frozen costs the daemon bounded memory, and attaches again when it goes on", async (t) => {
  const desk = await Desk.open(t);
  const terminal = await desk.attach();
  await terminal.shows("Listening at");
  const [client] = desk.clients();
  const daemon = desk.home.daemonPid();
  assert.ok(client && daemon);
  const before = residentMegabytes(daemon);
  terminal.type("n");
  await terminal.shows("~~~ 1\r");
  signalProcess(client, "SIGSTOP");
  await waitFor("the flood to be written", async () => (await lastLine(desk)) === "flood over");
  const grown = residentMegabytes(daemon) - before;
  t.diagnostic(`daemon grew by ${grown} MB`);
  signalProcess(client, "SIGCONT");
  assert.ok(grown < 60, `${grown} MB`);
  await terminal.shows("flood over");
  terminal.type("y");
  await terminal.shows('key "y"');
});
