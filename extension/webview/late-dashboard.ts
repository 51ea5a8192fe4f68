import type * as vscode from "vscode";
import { Scope } from "../../shared/base/disposable.ts";
import type { Sender } from "../../shared/operations/operation.ts";
import type { StateRepository } from "../state/repository.ts";
import type { Dashboard, Shown } from "./dashboard.ts";

/** A {@link Dashboard} that is loaded when it is first shown. */
export class LateDashboard extends Scope {
  readonly #make: () => Promise<Dashboard>;
  #dashboard: Promise<Dashboard> | undefined;

  /** @param files where the bundled page is */
  constructor(state: StateRepository, sender: Sender, files: vscode.Uri) {
    super();
    this.#make = async () => {
      const loaded = await import("./dashboard.ts");
      return this.add(new loaded.Dashboard(state, sender, files));
    };
  }

  /** @returns see `Dashboard.show` */
  async show(): Promise<Shown | undefined> {
    this.#dashboard ??= this.#make();
    return (await this.#dashboard).show();
  }
}
