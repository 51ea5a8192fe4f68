import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { t } from "@vscode/l10n";
import type * as vscode from "vscode";
import { randomToken } from "../../shared/base/token.ts";
import { type Launcher, launcherFor } from "./launcher.ts";

type Context = Pick<
  vscode.ExtensionContext,
  "asAbsolutePath" | "environmentVariableCollection" | "globalStorageUri"
>;

/**
 * Makes `devlatch` a command of every terminal of the editor, on the editor's own runtime. It stands last in PATH, so that
 * one that the user installed comes first.
 */
export async function offerCommandLine(context: Context): Promise<void> {
  const directory = join(context.globalStorageUri.fsPath, "bin");
  const script = context.asAbsolutePath("dist/devlatch.js");
  const isElectron = process.versions["electron"] !== undefined;
  await writeLauncher(
    directory,
    launcherFor(process.platform, { runtime: process.execPath, isElectron, script }),
  );
  const { environmentVariableCollection: variables } = context;
  variables.description = t("Adds the command `devlatch`");
  variables.append("PATH", `${delimiter}${directory}`, {
    applyAtProcessCreation: true,
    // What a shell does to PATH when it starts mustn't take it away.
    applyAtShellIntegration: true,
  });
}

/** Terminals may be using it: it is replaced in one step, and only where it differs. */
export async function writeLauncher(directory: string, { name, text }: Launcher): Promise<void> {
  const file = join(directory, name);
  if ((await readFile(file, "utf8").catch(() => undefined)) === text) return;
  await mkdir(directory, { recursive: true });
  const draft = `${file}.${randomToken()}`;
  await writeFile(draft, text, { mode: 0o755 });
  await chmod(draft, 0o755);
  await rename(draft, file);
}
