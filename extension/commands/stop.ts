import { t } from "@vscode/l10n";
import { type ErrorShape, toErrorShape } from "../../shared/base/errors.ts";
import { isActive } from "../../shared/model/session-state.ts";
import { request } from "../../shared/operations/operation.ts";
import { operations } from "../../shared/operations/operations.ts";
import type { StopResult } from "../../shared/protocol/methods.ts";
import type { Server } from "../state/servers.ts";
import { describeConsent, whoseItWas } from "./port-conflict.ts";
import { report, told } from "./report.ts";
import { ask, say } from "./say.ts";
import type { Services } from "./services.ts";
import { chooseServer } from "./targets.ts";

/** Stops a server with its whole tree. @returns undefined if it failed (said already) or was given up */
export async function stop(argument: unknown, services: Services): Promise<StopResult | undefined> {
  const server = await chooseServer(
    argument,
    {
      question: t("Stop which server?"),
      fits: ({ state }) => isActive(state),
      nothing: t("No server of this workspace runs."),
    },
    services,
  );
  return server && takeDown(server, services);
}

/** Stops it; after asking where others use it or it was started by hand. @param yes whether the user agreed */
export async function takeDown(
  server: Server,
  services: Services,
  yes = false,
): Promise<StopResult | undefined> {
  const { app, cwd } = server;
  try {
    return told(await request(operations.stop, { app, yes }, { cwd }, services.connection), services);
  } catch (error) {
    const shape = toErrorShape(error);
    if (shape.code === "CONSENT_REQUIRED" && !yes) return stopAfterAsking(server, shape, services);
    report(shape, services, server);
    return undefined;
  }
}

async function stopAfterAsking(
  server: Server,
  error: ErrorShape,
  services: Services,
): Promise<StopResult | undefined> {
  const yes = t("Stop It");
  const picked = await ask("warning", error.message, describeConsent(error), yes);
  if (picked !== yes) return undefined;
  const result = await takeDown(server, services, true);
  const whose = whoseItWas(error);
  if (result?.outcome === "stopped" && whose !== undefined && services.settings().notifications !== "off")
    void say("information", t("{0} was stopped. {1}", server.app, whose));
  return result;
}
