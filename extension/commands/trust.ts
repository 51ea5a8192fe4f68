import { t } from "@vscode/l10n";
import * as vscode from "vscode";
import { DevlatchError } from "../../shared/base/errors.ts";

/** What runs code of a workspace asks this first. @throws DevlatchError `UNTRUSTED_WORKSPACE` */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new DevlatchError(
    "UNTRUSTED_WORKSPACE",
    t("This workspace isn't trusted, so Devlatch runs nothing in it."),
    t("A dev server runs code of the workspace. Trust it to go on."),
  );
}
