import { t } from "@vscode/l10n";
import { DevlatchError } from "../../shared/base/errors.ts";
import { HealthThresholds } from "../../shared/model/health-thresholds.ts";
import { settingsSection } from "../contributions/settings.ts";
import type { Services } from "./services.ts";

/**
 * Tells the daemon the thresholds that the user set. Few users set any, so what checks them is loaded then.
 * @param wanted the setting as it stands there
 * @throws DevlatchError `INVALID_INPUT` where they make no sense: the usual ones apply
 */
export async function sendThresholds(
  wanted: unknown,
  connection: Pick<Services["connection"], "request">,
): Promise<void> {
  const checked = HealthThresholds.safeParse(wanted);
  await connection.request("health/configure", { thresholds: checked.data ?? {} });
  if (checked.success) return;
  const [issue] = checked.error.issues;
  const what = [issue?.path.join("."), issue?.message].filter(Boolean).join(": ");
  throw new DevlatchError(
    "INVALID_INPUT",
    t("The setting {0} can't be used: {1}.", `${settingsSection}.healthThresholds`, what),
    t("Correct it in the settings; the usual thresholds apply until then."),
  );
}
