import { Scope } from "../../shared/base/disposable.ts";
import type { LiveClient } from "../../shared/client/live-client.ts";
import type { StateRepository } from "../state/repository.ts";
import type { Server } from "../state/servers.ts";
import type { SessionOutput } from "./session-output.ts";

/** Output of sessions as text, searchable, also of launches that are over. What shows it is loaded with the first. */
export class Outputs extends Scope {
  readonly #connection: LiveClient;
  readonly #state: StateRepository;
  readonly #open = new Map<string, Promise<SessionOutput>>();

  constructor(connection: LiveClient, state: StateRepository) {
    super();
    this.#connection = connection;
    this.#state = state;
  }

  /** Shows a session's output and follows it. @throws DevlatchError why there is none */
  async show(server: Server): Promise<void> {
    const opened = this.#open.get(server.key) ?? this.#create(server);
    this.#open.set(server.key, opened);
    await (await opened).show();
  }

  async #create(server: Server): Promise<SessionOutput> {
    const { SessionOutput } = await import("./session-output.ts");
    return this.add(new SessionOutput(server, this.#connection, this.#state));
  }
}
