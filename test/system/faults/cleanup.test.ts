import type { StatusResult } from "../../../shared/protocol/methods.ts";
import { startAgent } from "../../support/callers.ts";
import { runCli } from "../../support/cli.ts";
import { waitFor } from "../../support/wait.ts";
import { type Scenario, sweep } from "./sweep.ts";
import type { World } from "./world.ts";

const scenarios: readonly Scenario[] = [
  {
    name: "a stop",
    prepare: async (world) => {
      await world.ok(["start", "web"]);
      return { act: () => world.cli(["stop", "web"]) };
    },
  },
  {
    name: "the daemon's own end",
    prepare: async (world) => {
      await world.ok(["start", "web"]);
      return { act: () => endDaemon(world) };
    },
  },
  {
    name: "a stop because no one uses the server any more",
    options: { app: { stopWhenUnused: { afterMs: 200 } } },
    prepare: async (world, t) => {
      await world.daemon();
      const agent = startAgent(t, world.home, "window");
      await agent.json("start", "web", "--cwd", world.cwd);
      const act = async () => {
        await agent.end();
        await waitFor("the server's end, or the daemon's", async () => {
          if (world.home.daemonPid() === undefined) return true;
          const { json, code } = await runCli(["status", "--json"], { home: world.home });
          return code === 0 && (json as StatusResult).sessions[0]?.state.kind === "stopped";
        });
      };
      return { act };
    },
  },
];

async function endDaemon(world: World): Promise<void> {
  await world.cli(["daemon", "stop"]);
  await waitFor("the daemon to be gone", () => world.home.daemonPid() === undefined);
}

for (const scenario of scenarios) sweep(scenario);
