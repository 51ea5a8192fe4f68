import { relative, sep } from "node:path";
import { isServer, type SandboxView } from "../../../shared/model/sandbox.ts";
import type { FilePart } from "./edit.ts";
import { printJson } from "./json-print.ts";
import { sealedFile, sealPlace } from "./sealed-file.ts";

/**
 * A `devlatch.json` with what was detected, where there is none. One app needs no file: it is found as it was. With several
 * the file names them for everyone, and keeps their commands together.
 * @param path of the file
 * @param view undefined where nothing is known
 */
export function configurationPart(path: string, view: SandboxView | undefined): FilePart {
  return sealedFile(path, view && configurationText(view), true);
}

/** The text of that file; undefined where detection says nothing worth a file. */
export function configurationText(view: SandboxView): string | undefined {
  const found = view.apps.filter((app) => app.source === "detected" && isServer(app) && app.command);
  if (view.configured !== undefined || view.problems.length > 0 || found.length < 2) return undefined;
  const apps = found.map(({ app, command, cwd }) => [app, { command, ...placeOf(view.root, cwd) }] as const);
  const value = { apps: Object.fromEntries(apps) };
  const seal = `// Detected by devlatch init (devlatch-init: ${sealPlace}). Changed, it is yours: --remove leaves it.`;
  return `${seal}\n${printJson(value, { eol: "\n", unit: "  ", indent: "" })}\n`;
}

function placeOf(root: string, cwd: string): { readonly cwd?: string } {
  const path = relative(root, cwd).split(sep).join("/");
  return path === "" ? {} : { cwd: path };
}
