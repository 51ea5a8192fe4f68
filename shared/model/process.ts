import { t } from "@vscode/l10n";
import * as z from "zod";
import { plainText } from "../base/plain-text.ts";
import { AppName } from "./app.ts";
import { Container } from "./container.ts";
import { ProcessIdentity } from "./process-identity.ts";

export type { ProcessIdentity } from "./process-identity.ts";

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

/** A process as people recognise it. */
export const ProcessView = z.object({
  ...ProcessIdentity.shape,
  /** The command line, joined with spaces. */
  command: z.string(),
  cwd: z.string().optional(),
  user: z.string().optional(),
});
export type ProcessView = z.infer<typeof ProcessView>;

/** Which of Devlatch's servers a process belongs to, if any. */
const ofServer = {
  /** The session's name. */
  session: z.string().optional(),
  /** Its app, and the root of the workspace it was started in. */
  server: z.object({ app: AppName, root: z.string() }).optional(),
};

/** A process that listens on a TCP port. */
export const Listener = ProcessView.extend({
  port: z.int(),
  /** `127.0.0.1`, `0.0.0.0`, `::1`, `::` or another local address. */
  address: z.string(),
  ...ofServer,
  /** Whether the caller's own process, or one it runs below: to end it would end the caller, too. */
  carriesCaller: z.boolean().optional(),
  /** The container whose published port this is, if it is one's: then the process is only its engine's proxy. */
  container: Container.optional(),
});
export type Listener = z.infer<typeof Listener>;

/** A socket that listens on a TCP port, whose process can't be seen: another user's, or in another container. */
export const HiddenListener = z.object({
  port: z.int(),
  address: z.string(),
  /** Of whom the socket is, where the system tells. */
  user: z.string().optional(),
});
export type HiddenListener = z.infer<typeof HiddenListener>;

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

/** A process that is connected to a TCP port of its own machine. */
export const PortClient = ProcessView.extend({
  /** How many connections to that port it has. */
  connections: z.int().positive(),
  ...ofServer,
});
export type PortClient = z.infer<typeof PortClient>;

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
