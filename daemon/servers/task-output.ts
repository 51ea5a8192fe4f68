import type { RunRecord } from "../../shared/model/run.ts";
import type { ThreadPage } from "../../shared/model/thread.ts";
import type { RunService } from "../runs/service.ts";
import type { PageRequest } from "../threads/pages.ts";
import type { Threads } from "../threads/threads.ts";
import type { Locator } from "./locator.ts";
import { stepKeys } from "./sandbox-steps.ts";
import { taskKey } from "./tasks.ts";

/** What reading a task's output needs. */
interface Parts {
  readonly locator: Pick<Locator, "sandbox">;
  readonly runs: Pick<RunService, "list" | "watch">;
  readonly threads: Threads;
}

/** What tasks wrote, and the setup of a sandbox: it is read like that of servers. */
export class TaskOutput {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The last execution of the task of that name; `setup` and `teardown` are those of the sandbox. */
  async find(cwd: string, app: string): Promise<RunRecord | undefined> {
    const { sandboxId } = await this.#parts.locator.sandbox(cwd);
    const keys = [taskKey(app), ...(isStep(app) ? [stepKeys[app]] : [])];
    const own = this.#parts.runs.list().filter((one) => one.sandboxId === sandboxId);
    const isOf = (key: string) => (one: RunRecord) => one.key === key || one.key.startsWith(`${key}:`);
    return keys.map((key) => own.find(isOf(key))).find((one) => one !== undefined);
  }

  /** A page of it. @param waitMs as in `ServerOutput.page` */
  page(
    { sandboxId, key, hosting }: RunRecord,
    request: PageRequest,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<ThreadPage> {
    const reader = this.#parts.threads.of(hosting.directory);
    const place = { sandboxId, key, launchId: hosting.launchId };
    let next = request;
    return this.#parts.runs.watch(place, waitMs, signal, async () => {
      const page = await reader.page(next, signal);
      if (page.messages.length > 0 || request.before !== undefined) return { found: page };
      next = { ...request, cursor: page.next };
      return { otherwise: page };
    });
  }
}

function isStep(app: string): app is keyof typeof stepKeys {
  return Object.hasOwn(stepKeys, app);
}
