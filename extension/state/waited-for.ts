import { t } from "@vscode/l10n";

/** A step of a start, as the daemon tells it. */
interface Step {
  readonly phase: string;
  readonly message: string;
}

/**
 * Whom a start waits for by a step of it: an app that it depends on, the owner of its lock, the setup of its sandbox.
 * @returns undefined where it goes on by itself
 */
export function waitedFor({ phase, message }: Step): string | undefined {
  const [, app, rest = message] = /^([a-z][a-z0-9_-]*): (.*)$/s.exec(message) ?? [];
  if (app !== undefined) return app;
  if (message.startsWith("Setup: ")) return t("its setup");
  return phase === "locking" || phase === "waiting" ? /^Waiting for ([^:]+)/.exec(rest)?.[1] : undefined;
}
