import { relative, sep } from "node:path";
import { type AppSummary, isServer, type SandboxView } from "../../../shared/model/sandbox.ts";
import type { FilePart } from "./edit.ts";
import { printJson } from "./json-print.ts";
import { plainCommand } from "./script-part.ts";
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
  if (view.configured !== undefined || view.problems.length > 0) return undefined;
  const found = view.apps.filter((app) => app.source === "detected" && isServer(app) && app.command);
  // What an agent's file names is found there by its name, with its port.
  const own = found.filter(({ from }) => from === undefined);
  const apps = own.length < 2 ? [] : own.map((app) => [app.app, entryOf(app, view.root)] as const);
  const setup = setupOf(view);
  if (apps.length === 0 && setup === undefined) return undefined;
  const value = {
    ...(apps.length === 0 ? {} : { apps: Object.fromEntries(apps) }),
    ...(setup === undefined ? {} : { setup: { command: setup } }),
  };
  const seal = `// Detected by devlatch init (devlatch-init: ${sealPlace}). Changed, it is yours: --remove leaves it.`;
  return `${seal}\n${printJson(value, { eol: "\n", unit: "  ", indent: "" })}\n`;
}

function entryOf({ command, cwd }: AppSummary, root: string) {
  return { command, ...placeOf(root, cwd) };
}

/** What the first of the agents' files does in a new checkout, unless it needs what only that agent sets. */
function setupOf({ setups = [] }: SandboxView): string | readonly string[] | undefined {
  const setup = setups.map((one) => one.setup).find((text) => !agentsVariable.test(text));
  if (setup === undefined) return undefined;
  return plainCommand.test(setup) ? setup : ["sh", "-c", setup];
}

const agentsVariable = /\$\{?(?:CONDUCTOR|SUPERSET|CODEX|CURSOR|ROOT_WORKTREE)_?/;

function placeOf(root: string, cwd: string): { readonly cwd?: string } {
  const path = relative(root, cwd).split(sep).join("/");
  return path === "" ? {} : { cwd: path };
}
