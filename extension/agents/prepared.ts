import { t } from "@vscode/l10n";
import { shortLine } from "../../shared/agents/answer.ts";
import type { Tool } from "../../shared/agents/tool.ts";
import { isWithin } from "../../shared/base/within.ts";
import type { SessionView } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";
import { holderWords } from "../state/stopper-words.ts";
import type { WindowState } from "../state/window-state.ts";

/** What the editor shows of a call: while it goes on, and to the person who allows it. */
export interface Prepared {
  readonly invocationMessage: string;
  /** Absent for what only looks. */
  readonly confirmationMessages?: { readonly title: string; readonly message: string };
}

/**
 * What a call is about to do: what, in which directory, and who else uses it. From what the window shows already: nothing is
 * started to say so.
 * @param input as the agent gave it; checked when the tool is called
 */
export function prepared(tool: Tool, input: unknown, state: WindowState): Prepared {
  const { app, script, directory } = wordsIn(input);
  const where = directory ?? state.folders.map(({ path }) => path).join(", ");
  const what = [titleOf(tool), app ?? script].filter((word) => word !== undefined).join(": ");
  const invocationMessage = shortLine(what, 200);
  if (tool.hints.readOnly) return { invocationMessage };
  const users = tool.hints.destructive && script === undefined ? usersOf(app, directory, state) : [];
  const message = [
    where === "" ? "" : t("In {0}.", shortLine(where, 300)),
    users.length > 0 ? t("It is used by {0}.", shortLine(users.join("; "), 300)) : "",
  ].filter(Boolean);
  return {
    invocationMessage,
    confirmationMessages: { title: invocationMessage, message: message.join(" ") },
  };
}

/** What a tool does, for the person who looks on; in the tools' own words where there is none of ours. */
function titleOf({ name, title }: Pick<Tool, "name" | "title">): string {
  const titles: Readonly<Record<string, string>> = {
    devlatch_start: t("Start or reuse a dev server"),
    devlatch_status: t("Show dev servers"),
    devlatch_wait: t("Wait for the build"),
    devlatch_logs: t("Read a server's output"),
    devlatch_restart: t("Restart a dev server"),
    devlatch_stop: t("Stop a dev server"),
    devlatch_run: t("Run a script or task"),
    devlatch_sandbox: t("Claim or release a sandbox"),
  };
  return titles[name] ?? title;
}

/** Who uses the servers that are meant. */
function usersOf(app: string | undefined, directory: string | undefined, state: WindowState): string[] {
  const places = directory === undefined ? state.folders.map(({ path }) => path) : [directory];
  const isMeant = (session: SessionView) =>
    isActive(session.state) &&
    (app === undefined || session.app === app) &&
    places.some((place) => isWithin(place, session.root) || isWithin(session.root, place));
  const holders = state.sessions.filter(isMeant).flatMap(({ holders }) => holders);
  return [...new Set(holders.map(holderWords))];
}

type Word = "app" | "script" | "directory";

function wordsIn(input: unknown): Partial<Record<Word, string>> {
  const given: Readonly<Record<string, unknown>> = { ...(typeof input === "object" ? input : {}) };
  const words = (["app", "script", "directory"] as const).flatMap((name) => {
    const value = given[name];
    return typeof value === "string" && value !== "" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(words);
}
