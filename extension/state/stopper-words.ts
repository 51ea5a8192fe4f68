import { t } from "@vscode/l10n";
import { plainText } from "../../shared/base/plain-text.ts";
import type { SessionState, StartedBy, StoppedBy } from "../../shared/model/session.ts";
import { starterWords } from "../../shared/model/who-words.ts";

/** Who uses or ends a server, in a sentence: `the window "next"`, `a terminal`, `Claude Code`. */
export function userWords({ kind, label }: StartedBy): string {
  if (kind === "window") return t('the window "{0}"', plainText(label.replace(/^window of /, "")));
  return kind === "terminal" ? t("a terminal") : starterWords({ kind, label });
}

/** Who uses a server, by the label that the daemon knows them by; a window's is words, and a name. */
export function holderWords({ kind, label }: StartedBy): string {
  const [, name] = (kind === "window" && /^window of (.*)$/s.exec(label)) || [];
  return name === undefined ? plainText(label) : t("window of {0}", plainText(name));
}

/**
 * Who else than this window had a server stopped; undefined where this one had, or where it ended by itself.
 * @param own process id of this window
 */
export function otherStopper(state: SessionState, own: number = process.pid): StoppedBy | undefined {
  if (state.kind !== "stopped" || state.stoppedBy === undefined) return undefined;
  const { kind, pid } = state.stoppedBy;
  return kind === "window" && pid === own ? undefined : state.stoppedBy;
}

/** `stopped by the window "next"`, `restarted by a terminal` */
export function stoppedByWords(by: StoppedBy): string {
  return by.for === "restart" ? t("restarted by {0}", userWords(by)) : t("stopped by {0}", userWords(by));
}
