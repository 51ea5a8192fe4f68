import { relative, sep } from "node:path";
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
    const remedy = `Correct it, then add "${app}": ${JSON.stringify(value)} to its apps.`;
    throw new DevlatchError("CONFIG_INVALID", `devlatch.json can't be changed as it is.`, remedy);
  }
}
