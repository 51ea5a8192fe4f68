import { setImmediate } from "node:timers/promises";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { Watching } from "./watching.ts";

/** Watches the window's terminals, with what is loaded once the editor's other extensions had their turn. */
export function watchTerminalsLater(watching: Watching): Disposable {
  const scope = new Scope();
  void setImmediate()
    .then(() => import("./watching.ts"))
    .then(({ watchTerminals }) => scope.disposed || scope.add(watchTerminals(watching)));
  return scope;
}
