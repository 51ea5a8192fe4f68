import type { MessageKind } from "../model/thread.ts";
import type { AtMoment, InDirectory } from "./fields.ts";
import { momentOf } from "./moment.ts";
import { to } from "./operation.ts";

// Apart from what declares their arguments: building those schemas takes a short command longer than its answer.

/** Which part of a history is asked for. */
interface Page<K> {
  readonly cursor?: number | undefined;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
  readonly kind?: K | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Which messages of an app are wanted. */
interface Logs extends Page<MessageKind> {
  readonly app: string;
  readonly grep?: string | undefined;
  readonly search?: string | undefined;
}

/** @param now milliseconds since the epoch @throws DevlatchError `INVALID_INPUT` */
export function pageParams<K>({ cursor, before, limit, kind, since, until }: Page<K>, now: number) {
  return {
    cursor,
    before,
    limit,
    kinds: kind && [kind],
    since: momentOf("since", since, now),
    until: momentOf("until", until, now),
  };
}

export const logsRequest = to(
  "session/logs",
  ({ app, grep, search, ...page }: Logs, { cwd, now }: InDirectory & AtMoment) => ({
    cwd,
    app,
    grep,
    search,
    ...pageParams(page, now),
  }),
);
