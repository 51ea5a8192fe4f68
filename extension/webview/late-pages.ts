import type * as vscode from "vscode";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Sender } from "../../shared/operations/operation.ts";
import type { StateRepository } from "../state/repository.ts";
import type { Server } from "../state/servers.ts";
import type { Dashboard, Shown } from "./dashboard.ts";
import type { Phone, PhoneShown } from "./phone/phone-panel.ts";

/** What is loaded when it is first needed. */
class Late<T extends Disposable> extends Scope {
  readonly #load: () => Promise<T>;
  #loaded: Promise<T> | undefined;

  constructor(load: () => Promise<T>) {
    super();
    this.#load = load;
  }

  protected get(): Promise<T> {
    this.#loaded ??= this.#load().then((loaded) => this.add(loaded));
    return this.#loaded;
  }
}

/** A {@link Dashboard} that is loaded when it is first shown. */
export class LateDashboard extends Late<Dashboard> {
  /** @param files where the bundled page is */
  constructor(state: StateRepository, sender: Sender, files: vscode.Uri) {
    super(async () => {
      const loaded = await import("./dashboard.ts");
      return new loaded.Dashboard(state, sender, files);
    });
  }

  /** @returns see `Dashboard.show` */
  async show(): Promise<Shown | undefined> {
    return (await this.get()).show();
  }
}

/** A {@link Phone} that is loaded when it is first shown. */
export class LatePhone extends Late<Phone> {
  /** @param files where the bundled page is */
  constructor(state: StateRepository, sender: Sender, files: vscode.Uri) {
    super(async () => {
      const loaded = await import("./phone/phone-panel.ts");
      return new loaded.Phone(state, sender, files);
    });
  }

  /** @returns see `Phone.show` */
  async show(server: Server): Promise<PhoneShown | undefined> {
    return (await this.get()).show(server);
  }
}
