import { t } from "@vscode/l10n";
import { DevlatchError } from "../../shared/base/errors.ts";
import { isExpo } from "../state/expo.ts";
import type { PhoneShown } from "../webview/phone/phone-panel.ts";
import type { Services } from "./services.ts";
import { chooseServer } from "./targets.ts";

/**
 * Shows what a phone opens an Expo server by: its QR code and address.
 * @returns what the page showed first; undefined where none was picked, or the page was closed
 * @throws DevlatchError `NOT_RUNNING` where no Expo server is ready, `INVALID_INPUT` for another server
 */
export async function showQrCode(argument: unknown, services: Services): Promise<PhoneShown | undefined> {
  const server = await chooseServer(
    argument,
    {
      question: t("Show the QR code of which server?"),
      fits: (one) => one.state.kind === "ready" && isExpo(one),
      nothing: t("No Expo server of this workspace is ready: only those have a code for phones."),
    },
    services,
  );
  if (server === undefined) return undefined;
  if (isExpo(server)) return services.phone.show(server);
  throw new DevlatchError(
    "INVALID_INPUT",
    t("{0} isn't an Expo server, so it has no code for phones.", server.app),
    t("Open its URL in the phone's browser instead."),
  );
}
