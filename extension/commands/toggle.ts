import { t } from "@vscode/l10n";
import type { ToggledApp } from "../contributions/commands.ts";
import { openServerMenu } from "./server-menu.ts";
import type { Services } from "./services.ts";
import { start } from "./start.ts";
import { takeDown } from "./stop.ts";
import { chooseServer } from "./targets.ts";

/** One key for one app: starts what is stopped, stops what is ready, and asks what to do with anything else. */
export async function toggle(app: ToggledApp, services: Services): Promise<unknown> {
  const server = await chooseServer(
    undefined,
    {
      question: t("Which {0}?", app),
      fits: (one) => one.app === app,
      nothing: t("This workspace has no app {0}.", app),
    },
    services,
  );
  switch (server?.state.kind) {
    case undefined:
      return undefined;
    case "stopped":
      return start({ server }, services);
    case "ready":
      return takeDown(server, services);
    default:
      return openServerMenu({ server }, services);
  }
}
