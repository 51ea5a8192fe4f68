import { withDeadline } from "../../shared/base/deadline.ts";
import type { Log } from "../../shared/base/log.ts";
import { SingleFlight } from "../../shared/base/single-flight.ts";
import { isServer } from "../../shared/model/sandbox.ts";
import type { QuestionsAbout } from "../detect/workspace.ts";
import type { SessionService } from "../sessions/service.ts";
import type { AppWishes, Locator } from "./locator.ts";

/** How long looking for servers may take, in milliseconds: one that hangs isn't waited for. */
const lookMs = 3_000;

/** Looks for servers that were started by hand. */
export class ByHand {
  readonly #locator: Locator;
  readonly #sessions: Pick<SessionService, "recognise">;
  readonly #log: Log;
  readonly #looks = new SingleFlight<void>();

  constructor(locator: Locator, sessions: Pick<SessionService, "recognise">, log: Log) {
    this.#locator = locator;
    this.#sessions = sessions;
    this.#log = log;
  }

  /**
   * Looks whether a server of this directory's apps was started by hand, so that it is shown as adopted. What can't be
   * resolved, reached or locked just now is left for the next look. Who asks while a look goes on waits for that one. Never
   * rejects.
   */
  recognise(cwd: string): Promise<void> {
    return this.#looks.run(cwd, () => this.#recognise(cwd));
  }

  async #recognise(cwd: string): Promise<void> {
    const signal = withDeadline(lookMs, "Looking for servers");
    try {
      const project = this.#locator.about(cwd);
      const { apps } = await project.describe();
      // One after the other: what could be two apps' is the first one's.
      for (const { app } of apps.filter(isServer)) await this.#recogniseOne({ cwd, app }, project, signal);
    } catch (error) {
      this.#log.debug({ err: error, cwd }, "servers started by hand can't be looked for");
    }
  }

  async #recogniseOne(wishes: AppWishes, project: QuestionsAbout, signal: AbortSignal): Promise<void> {
    try {
      await this.#sessions.recognise(await this.#locator.target(wishes, project), signal);
    } catch (error) {
      this.#log.debug({ err: error, ...wishes }, "a server started by hand can't be recognised");
    }
  }
}
