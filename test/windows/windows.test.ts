import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { startWindows, type WindowsMachine } from "./support/machine.ts";

let machine: WindowsMachine;

const found = await startWindows({ after });
const skip = typeof found === "string" ? `Windows can't be had here: ${found}` : false;

before(() => {
  if (typeof found === "string") return;
  machine = found;
  mkdirSync(machine.onC("work/app"), { recursive: true });
  writeFileSync(
    machine.onC("work/app/server.js"),
    `require("node:http").createServer((_, answer) => answer.end("hello")).listen(process.env.PORT, "127.0.0.1", () => console.log("listening"));`,
  );
  writeFileSync(
    machine.onC("work/app/devlatch.json"),
    JSON.stringify({ apps: { web: { command: "node server.js", port: 3000 } } }),
  );
});

test("starts", { skip }, async () => {
  const started = await machine.devlatch(["start", "web"], { cwd: "work/app" });
  console.log(started.stdout, started.stderr);
  assert.equal(started.code, 0);
  const again = await machine.devlatch(["start", "web", "--json"], { cwd: "work/app" });
  console.log(again.json);
  const logs = await machine.devlatch(["logs", "web"], { cwd: "work/app" });
  console.log(logs.stdout);
  const status = await machine.devlatch(["status"], { cwd: "work/app" });
  console.log(status.stdout, status.stderr);
  const stop = await machine.devlatch(["stop", "web", "--json"], { cwd: "work/app" });
  console.log(stop.stdout, stop.stderr);
});
