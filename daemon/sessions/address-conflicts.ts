import { type Disposable, every } from "../../shared/base/disposable.ts";
import { DevlatchError, hasCode } from "../../shared/base/errors.ts";
import type { AppPlan } from "../../shared/model/app.ts";
import type { Listener } from "../../shared/model/process.ts";
import { isSameProcess } from "../../shared/model/process-words.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { Hosted, Hosts } from "../hosts/hosts.ts";
import { addressInUse } from "./address-in-use.ts";
import type { SessionDependencies } from "./dependencies.ts";
import { listenersInWords } from "./errors.ts";
import { searchedLines, tailLines } from "./limits.ts";
import { addressTaken, portSpread } from "./port-errors.ts";
import { listenersOn } from "./ports.ts";
import { ownListeners } from "./readiness.ts";
import type { SessionTree } from "./trees.ts";

/** How often a launch that doesn't listen yet is asked whether its address is in use, in milliseconds. */
const lookEveryMs = 1_000;
/** Looks in a row that must find the same: a framework that takes another port says the same words first. */
const looks = 3;

/** A port that a server wanted and didn't get. */
export interface TakenPort {
  readonly error: DevlatchError;
  readonly port: number;
}

/** Finds out from a launch's output that it can't have its port, and who holds that. */
export class AddressConflicts {
  readonly #dependencies: Pick<SessionDependencies, "processes" | "output">;
  readonly #hosts: Pick<Hosts, "treeOf">;
  readonly #trees: () => readonly SessionTree[];

  /** @param trees of all live sessions */
  constructor(
    dependencies: Pick<SessionDependencies, "processes" | "output">,
    hosts: Pick<Hosts, "treeOf">,
    trees: () => readonly SessionTree[],
  ) {
    this.#dependencies = dependencies;
    this.#hosts = hosts;
    this.#trees = trees;
  }

  /**
   * The conflict behind a failed launch, with the port that is taken.
   * @param cause why it failed
   */
  async behind(
    cause: unknown,
    record: SessionRecord,
    hosting: Hosted,
    { portFixed }: AppPlan,
  ): Promise<TakenPort | undefined> {
    const known = hasCode(cause, "PORT_CONFLICT") && cause instanceof DevlatchError ? cause : undefined;
    const codes = ["EXITED_EARLY", "SERVER_CRASHED", "DEADLINE"] as const;
    const telling = codes.some((code) => hasCode(cause, code));
    const error = known ?? (telling ? await this.of(record, hosting, portFixed) : undefined);
    return error && { error, port: (error.data as { readonly port: number }).port };
  }

  /**
   * The conflict that a launch's output tells of, if another process listens there.
   * @param fixed why it can't be given another port
   */
  async of(record: SessionRecord, hosting: Hosted, fixed?: string): Promise<DevlatchError | undefined> {
    const found = await this.#find(record, hosting);
    if (found === undefined || found.others.length === 0) return undefined;
    const { told, port: given } = record.settings;
    const ignored = told === true && found.port !== given ? given : undefined;
    const wanted = { app: record.app, port: found.port, fixed, ignored };
    return addressTaken(wanted, found.others, this.#dependencies.output.tail(hosting.directory, tailLines));
  }

  /** What a caller should know of a launch that is ready: one of its servers couldn't have its port. */
  async beside(record: SessionRecord, hosting: Hosted): Promise<string | undefined> {
    const { state, app } = record;
    const found = await this.#find(record, hosting).catch(() => undefined);
    if (found === undefined || found.others.length === 0) return undefined;
    if (state.kind === "ready" && found.port === state.port) return undefined;
    const holder = listenersInWords(found.others);
    return `A server of ${app} could not listen on port ${found.port}, which is used by ${holder}. See: devlatch logs ${app}`;
  }

  /** The conflict within a launch: one of its servers has the port that the app's own could not have. */
  async within(record: SessionRecord, hosting: Hosted): Promise<DevlatchError | undefined> {
    const found = await this.#find(record, hosting);
    if (found === undefined || found.others.length > 0 || found.own.length === 0) return undefined;
    return portSpread(record, found.port, found.own);
  }

  /** The port that a launch's output calls taken, and who listens there: of its own tree, and others. */
  async #find(
    record: SessionRecord,
    hosting: Hosted,
  ): Promise<{ port: number; own: readonly Listener[]; others: readonly Listener[] } | undefined> {
    const { processes, output } = this.#dependencies;
    const found = addressInUse(output.tail(hosting.directory, searchedLines));
    if (found === undefined) return undefined;
    const port = found.port ?? record.settings.port;
    const members = await processes.members(this.#hosts.treeOf(hosting));
    const listeners = await listenersOn(processes, port, this.#trees());
    const isOwn = (one: Listener) => members.some((member) => isSameProcess(member, one));
    const [own, others] = [listeners.filter(isOwn), listeners.filter((one) => !isOwn(one))];
    return { port, own, others };
  }

  /** Watches a launch whose process goes on, as a watcher's does, though its server couldn't listen. */
  watch(
    record: SessionRecord,
    hosting: Hosted,
    fixed: string | undefined,
    onConflict: (error: DevlatchError) => void,
  ): Disposable {
    let [seen, busy] = [0, false];
    const look = async () => {
      const error = (await this.#listens(hosting)) ? undefined : await this.of(record, hosting, fixed);
      seen = error === undefined ? 0 : seen + 1;
      if (error !== undefined && seen >= looks) onConflict(error);
    };
    return every(lookEveryMs, () => {
      if (busy) return;
      busy = true;
      // What can't be looked at just now is looked at again.
      void look()
        .catch(() => {})
        .finally(() => {
          busy = false;
        });
    });
  }

  async #listens(hosting: Hosted): Promise<boolean> {
    const { processes } = this.#dependencies;
    return (await ownListeners(this.#hosts.treeOf(hosting), { processes })).length > 0;
  }
}
