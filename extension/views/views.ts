import { t } from "@vscode/l10n";
import { type Disposable, Scope } from "../../shared/base/disposable.ts";
import type { StateRepository } from "../state/repository.ts";
import { serversOf } from "../state/servers.ts";
import { countsSeconds } from "../state/status-items.ts";
import type { LocalTime } from "../state/words.ts";
import { alertNodes } from "./alert-nodes.ts";
import { healthNodes } from "./health-nodes.ts";
import { lockNodes } from "./lock-nodes.ts";
import { NodeView } from "./node-view.ts";
import { serverNodes } from "./server-nodes.ts";

/** How often the age of the checks is shown anew, in milliseconds. */
const ageStepMs = 5_000;

export interface Views extends Disposable {
  /** Whether the Servers view is in sight. */
  readonly isServersVisible: () => boolean;
}

/** The three views of the activity bar's container. */
export function createViews(state: StateRepository, clock: LocalTime): Views {
  const scope = new Scope();
  const servers = scope.add(new NodeView("servers", state, (now) => serverNodes(now, clock)));
  servers.tickWhile(countsSeconds);
  scope.add(new NodeView("locks", state, (now) => lockNodes(now, clock)));
  const health = scope.add(
    new NodeView("health", state, (now) => [...alertNodes(now, clock), ...healthNodes(now, clock)]),
  );
  health.tickWhile(({ health, link }) => health !== null && link.kind === "connected", ageStepMs);
  const showFailures = () => {
    const failed = serversOf(state.current).filter(({ state }) => state.kind === "failed").length;
    servers.setBadge(failed, failed === 1 ? t("1 server failed") : t("{0} servers failed", failed));
  };
  scope.add(state.onChanged(showFailures));
  showFailures();
  return { dispose: () => scope.dispose(), isServersVisible: () => servers.visible };
}
