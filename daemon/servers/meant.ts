import { basename } from "node:path";
import { DevlatchError } from "../../shared/base/errors.ts";
import { isWithin } from "../../shared/base/within.ts";
import { asAppName, isUsual } from "../../shared/model/app.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { isActive } from "../../shared/model/session-state.ts";

/**
 * The session that a caller means by the name of an app, where it isn't simply the one of that name: of several packages
 * that could each be `web`, each session goes by its package's name, and is meant by `web` from within the package, and
 * from elsewhere where it alone runs. Files aren't looked at: also what was deleted or broken can be stopped.
 * @param cwd absolute real path of the caller's directory
 * @param records those of the caller's sandbox
 * @throws DevlatchError `AMBIGUOUS_APP` where several run that could be meant
 */
export function meantSession(
  app: string,
  cwd: string,
  records: readonly SessionRecord[],
): SessionRecord | undefined {
  const exact = records.find((one) => one.app === app);
  const members = isUsual(app) ? records.filter(({ member }) => member === app) : [];
  const inside = members.filter(({ settings }) => isWithin(cwd, settings.cwd));
  const nearest = inside.sort((a, b) => b.settings.cwd.length - a.settings.cwd.length)[0];
  if (nearest) return nearest;
  if (exact && isActive(exact.state)) return exact;
  const running = (isUsual(app) ? members : records.filter((one) => isIn(one, app))).filter(({ state }) =>
    isActive(state),
  );
  if (running.length > 1) throw severalRun(app, running);
  return running[0] ?? exact;
}

function isIn({ settings }: SessionRecord, name: string): boolean {
  return asAppName(basename(settings.cwd)) === name;
}

function severalRun(app: string, records: readonly SessionRecord[]): DevlatchError {
  const names = records.map((one) => one.app);
  return new DevlatchError(
    "AMBIGUOUS_APP",
    `Several servers run that could be the app "${app}": ${names.join(", ")}.`,
    `Name the one you mean, e.g. ${names[0]}, or run this in its directory.`,
    { data: { app, names } },
  );
}
