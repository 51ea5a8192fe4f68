import { t } from "@vscode/l10n";
import type { Server } from "../state/servers.ts";
import type { Services } from "./services.ts";
import { chooseServer } from "./targets.ts";

/**
 * Has a failure forgotten: its row says stopped, or goes where no file has the app any more. @param argument a row of the
 * Servers view; without one the user picks
 */
export async function dismiss(argument: unknown, services: Services): Promise<void> {
  const fits = ({ state }: Server) => state.kind === "failed";
  const question = t("Dismiss the failure of which server?");
  const server = await chooseServer(
    argument,
    { question, fits, nothing: t("No server has failed.") },
    services,
  );
  const { session } = server ?? {};
  if (session === undefined) return;
  const { sandboxId, app } = session;
  await services.connection.request("session/dismiss", { sandboxId, app });
}
