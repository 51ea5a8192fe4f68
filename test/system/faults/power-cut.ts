import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { StopResult } from "../../../shared/protocol/methods.ts";
import { isPortFree } from "../../support/ports.ts";
import { isAlive, processesWith, signalProcess } from "../../support/processes.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import type { World } from "./world.ts";

/** Ends daemon, host and server at one blow, as a power cut would. @returns the session as it was, and who it was */
export async function cutPower(world: World) {
  const { pid } = await world.ok<Answer>(["start", "web"]);
  const view = await world.session();
  assert.ok(view);
  const ledger = join(world.home.directory, "sessions", view.sandboxId, "dev_server_web", "ledger.json");
  await waitFor("the ledger", () => existsSync(ledger));
  const host = world.host();
  assert.ok(host);
  const all = [host, ...processesWith("DEVLATCH_HOME", world.home.directory)];
  for (const one of all) signalProcess(one, "SIGSTOP");
  for (const one of all) signalProcess(one, "SIGKILL");
  await waitFor("them to be gone", () => all.every((one) => !isAlive(one)));
  return { view, pid, host: host.pid };
}

/** A new daemon has to find that nothing of the session lives, whatever the files say, and start it anew. */
export async function expectGone(world: World): Promise<void> {
  const state = (await world.session())?.state.kind;
  assert.ok(state === "failed" || state === "stopped", state);
  assert.equal((await world.ok<StopResult>(["stop", "web"])).outcome, "not_running");
  const again = await world.ok<Answer>(["start", "web"]);
  assert.deepEqual([again.outcome, again.port], ["started", world.port]);
  await world.ok(["stop", "web"]);
  assert.deepEqual([world.launches(), await isPortFree(world.port)], [0, true]);
}
