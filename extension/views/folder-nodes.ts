import { join, sep } from "node:path";
import { t } from "@vscode/l10n";
import type { ErrorShape } from "../../shared/base/errors.ts";
import { plainText } from "../../shared/base/plain-text.ts";
import type { SandboxView } from "../../shared/model/sandbox.ts";
import { commands } from "../contributions/commands.ts";
import { scriptItem } from "../contributions/views.ts";
import { editorRemedy, spoken } from "../state/state-line.ts";
import type { FolderState } from "../state/window-state.ts";
import { code, escapeMarkdown } from "../state/words.ts";
import type { ViewNode } from "./view-node.ts";

/**
 * What a folder has beside its servers: scripts that could be apps, what is wrong with its files; where it has nothing at all,
 * what would make an app.
 */
export function besideServers(folder: FolderState, hasServers: boolean): readonly ViewNode[] {
  const found = [...scriptNodes(folder), ...problemNodes(folder)];
  const isEmpty = found.length === 0 && !hasServers && folder.sandbox !== undefined;
  return isEmpty ? [emptyNode(folder)] : found;
}

/** How the id of a row begins that says what would make an app. */
export const emptyRow = "empty:";

function emptyNode({ path }: FolderState): ViewNode {
  const advice = t("Add a dev script to package.json, or describe your apps in devlatch.json");
  return {
    id: `${emptyRow}${path}`,
    label: t("No app found"),
    description: advice,
    tooltip: [
      t("No app with a dev server was found here."),
      escapeMarkdown(advice),
      t("Click to create devlatch.json"),
    ].join("\n\n"),
    accessibleName: t("No app found. {0}", advice),
    icon: { name: "info" },
    command: commands.openConfig.id,
  };
}

function placeOf(
  problem: ErrorShape | SandboxView["problems"][number],
): Pick<ViewNode, "file" | "line" | "column"> {
  if (!("file" in problem) || problem.file === undefined) return {};
  const { file, line, column = 1 } = problem;
  return { file, ...(line === undefined ? {} : { line, column }) };
}

/** Servers that could be apps: nothing starts them before they are. */
function scriptNodes({ sandbox }: FolderState): readonly ViewNode[] {
  const scripts = sandbox?.scripts ?? [];
  return scripts.map(({ app, cwd, command, script }) => ({
    id: `script:${app}:${cwd}`,
    label: app,
    description: t("not set up · {0}", plainText(script)),
    tooltip: [
      t(
        "{0} is a script of {1} and no app yet: {2}",
        escapeMarkdown(app),
        code(join(cwd, "package.json")),
        code(command.join(" ")),
      ),
      t("Add it to devlatch.json to start and stop it here."),
    ].join("\n\n"),
    accessibleName: t("{0}, not set up, a script that starts a server", app),
    icon: { name: "circle-large-outline", color: "disabledForeground" },
    contextValue: scriptItem,
    file: join(cwd, "package.json"),
    newApp: { app, cwd, command },
  }));
}

function problemNodes(folder: FolderState): readonly ViewNode[] {
  const problems = [...(folder.sandbox?.problems ?? []), ...(folder.error ? [folder.error] : [])];
  return problems.map((problem, index) => ({
    id: `problem:${folder.path}:${index}`,
    label: spoken(problem.message.replaceAll(`${folder.sandbox?.root ?? folder.path}${sep}`, "")),
    tooltip: `${escapeMarkdown(problem.message)}\n\n${escapeMarkdown(editorRemedy(problem.remedy))}`,
    icon: { name: "warning", color: "list.warningForeground" },
    ...placeOf(problem),
  }));
}
