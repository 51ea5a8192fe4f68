import { t } from "@vscode/l10n";
import { plainText } from "../base/plain-text.ts";
import type { HiddenListener, Listener, ProcessIdentity } from "./process.ts";

// Apart from the schemas, which take long to build: short commands load this.

/** Whether two are the same process of one machine. */
export function isSameProcess(one: ProcessIdentity, other: ProcessIdentity | undefined): boolean {
  return one.pid === other?.pid && one.startTime === other.startTime;
}

/** Each process once: a server often listens on IPv4 and IPv6 at once. */
export function distinct<P extends ProcessIdentity>(processes: readonly P[]): P[] {
  return [...new Map(processes.map((one) => [`${one.pid}/${one.startTime}`, one])).values()];
}

/** Exactly the processes that were shown, for the consent that is checked before they are ended. */
export function consentTo(shown: readonly ProcessIdentity[]): ProcessIdentity[] {
  return distinct(shown).map(({ pid, startTime }) => ({ pid, startTime }));
}

/** Who that is, in words: the subject of a sentence. */
export function hiddenWords(hidden: readonly HiddenListener[]): string {
  const users = [...new Set(hidden.flatMap(({ user }) => user ?? []))].join(", ");
  return users === ""
    ? t("a process that can't be seen from here")
    : t("a process of the user {0} that can't be seen from here", users);
}

/** What to do about it. @param port where it listens */
export function hiddenAdvice(port: number): string {
  return t("Only that user, or root, can end it: {0}", `sudo devlatch port ${port}`);
}

/** Longest command line that is told in a sentence, in characters: some are pages long. */
const longestCommand = 200;

/** A command line as far as it tells programs apart, without escapes. @param most characters */
export function shortCommand(command: string, most = longestCommand): string {
  const plain = plainText(command);
  return plain.length <= most ? plain : `${plain.slice(0, most - 1)}…`;
}

/** `web of shop`: one of Devlatch's servers, by the name of its workspace's directory. */
export function serverWords({ app, root }: NonNullable<Listener["server"]>): string {
  const directory = root.split(/[\\/]/).findLast((part) => part !== "");
  return directory === undefined ? app : t("{0} of {1}", app, plainText(directory));
}
