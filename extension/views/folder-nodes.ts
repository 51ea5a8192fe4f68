import { join, sep } from "node:path";
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
  const advice = "Add a dev script to package.json, or describe your apps in devlatch.json";
  return {
    id: `${emptyRow}${path}`,
    label: "No app found",
    description: advice,
    tooltip: `No app with a dev server was found here. ${escapeMarkdown(advice)}: click to create it.`,
    accessibleName: `No app found. ${advice}`,
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
    description: `not set up · ${plainText(script)}`,
    tooltip: `${escapeMarkdown(app)} is a script of ${code(join(cwd, "package.json"))} and no app yet: ${code(command.join(" "))}\n\nAdd it to devlatch.json to start and stop it here.`,
    accessibleName: `${app}, not set up, a script that starts a server`,
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
