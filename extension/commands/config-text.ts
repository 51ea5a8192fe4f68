import { relative, sep } from "node:path";
import { t } from "@vscode/l10n";
import { applyEdits, modify } from "jsonc-parser";
import { DevlatchError } from "../../shared/base/errors.ts";
import type { NewApp } from "./targets.ts";

const formattingOptions = { insertSpaces: true, tabSize: 2, eol: "\n" };

/**
 * The text of a `devlatch.json` with one more app. All that is there stays, comments too; the apps are laid out anew.
 * @param root absolute directory of the file
 * @throws DevlatchError `CONFIG_INVALID` where the text has no room for an app
 */
export function textWithApp(text: string, { app, cwd, command }: NewApp, root: string): string {
  const directory = relative(root, cwd).replaceAll(sep, "/");
  const value = { command: command.join(" "), ...(directory === "" ? {} : { cwd: directory }) };
  try {
    const edits = modify(text.trim() === "" ? "{}" : text, ["apps", app], value, { formattingOptions });
    return applyEdits(text.trim() === "" ? "{}" : text, edits);
  } catch {
    const remedy = t('Correct it, then add "{0}": {1} to its apps.', app, JSON.stringify(value));
    throw new DevlatchError("CONFIG_INVALID", t("devlatch.json can't be changed as it is."), remedy);
  }
}
