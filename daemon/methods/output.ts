import { hasCode } from "../../shared/base/errors.ts";
import type { Callers } from "../holders/callers.ts";
import type { Holding } from "../servers/holding.ts";
import type { ServerOutput } from "../servers/output.ts";
import type { TaskOutput } from "../servers/task-output.ts";
import type { Handlers } from "./handlers.ts";

type OutputMethods = "session/logs" | "session/events" | "session/waitForCleanBuild";

export function outputMethods(
  output: ServerOutput,
  tasks: TaskOutput,
  holding: Holding,
  callers: Callers,
): Pick<Handlers, OutputMethods> {
  return {
    "session/logs": async ({ cwd, app, waitMs, ...request }, { client, signal }) => {
      const record = await output.sessionOf(cwd, app).catch(async (error: unknown) => {
        const task = hasCode(error, "NOT_RUNNING") ? await tasks.find(cwd, app) : undefined;
        if (task === undefined) throw error;
        return task;
      });
      if ("key" in record) return tasks.page(record, request, waitMs, signal);
      // A caller who waits for more follows the server; a look at what it wrote is no use of it.
      if (waitMs > 0) await holding.note(record, await callers.of(client));
      return output.page(record, request, waitMs, signal);
    },

    "session/events": async ({ cwd, app, cursor, limit, types }, { signal }) => {
      const record = await output.sessionOf(cwd, app);
      return output.events(record, { cursor, limit, kinds: types && new Set(types) }, signal);
    },

    "session/waitForCleanBuild": async ({ cwd, app, ...request }, { client, signal }) => {
      const record = await output.sessionOf(cwd, app);
      await holding.note(record, await callers.of(client));
      return output.waitForBuild(record, { ...request, trusted: client.trusted, signal });
    },
  };
}
