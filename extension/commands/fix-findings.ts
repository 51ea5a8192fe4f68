import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { toErrorShape } from "../../shared/base/errors.ts";
import type { Finding } from "../../shared/model/doctor.ts";
import { editorRemedy } from "../state/state-line.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";

/** A finding that the doctor can fix. */
export type Fixable = Finding & { readonly fix: NonNullable<Finding["fix"]> };

export function isFixable(finding: Finding): finding is Fixable {
  return finding.fix !== undefined;
}

/** Asks which findings to fix, none is chosen beforehand, and fixes those. Tells what couldn't be. */
export async function fixFindings(findings: readonly Fixable[], services: Services): Promise<void> {
  const items = findings.map(({ summary, fix }) => ({ label: fix.action, detail: summary, id: fix.id }));
  const placeHolder = t("Choose what Devlatch may do");
  const picked = await vscode.window.showQuickPick(items, { canPickMany: true, placeHolder });
  if (!picked || picked.length === 0) return;
  const failures: string[] = [];
  for (const { id, detail } of picked) {
    try {
      await services.connection.request("doctor/fix", { id });
    } catch (error) {
      const { message, remedy } = toErrorShape(error);
      failures.push(`${detail}: ${message} ${editorRemedy(remedy)}`);
    }
  }
  const done = picked.length - failures.length;
  if (failures.length > 0) void say("warning", failures.join("\n"));
  else void say("information", done === 1 ? t("Devlatch fixed it.") : t("Devlatch fixed all {0}.", done));
}
