import type { Connection } from "../../../shared/client/connection.ts";
import type { Exit } from "../../../shared/model/exit.ts";
import type { LaunchOutput } from "../../../shared/protocol/usage.ts";

/** How long one question waits for more output, in milliseconds. */
const waitMs = 25_000;

/** One launch of an app, from a caller's directory. */
export interface OfLaunch {
  readonly cwd: string;
  readonly app: string;
  readonly launch: string;
}

/**
 * The launch that is there now, without its output.
 * @throws DevlatchError `NOT_RUNNING` where its output isn't on this machine, or it was started by hand
 */
export async function presentLaunch(
  connection: Connection,
  { cwd, app }: Omit<OfLaunch, "launch">,
  signal: AbortSignal,
): Promise<string> {
  const { launch } = await connection.request("session/output", { cwd, app, last: 1 }, { signal });
  return launch;
}

/** The next page of a launch's output. @param waits whether to wait where there is nothing yet */
export function nextPage(
  connection: Connection,
  of: OfLaunch,
  place: { readonly cursor?: number; readonly last?: number },
  waits: boolean,
  signal: AbortSignal,
): Promise<LaunchOutput> {
  const params = { ...of, ...place, waitMs: waits ? waitMs : 0 };
  return connection.request("session/output", params, { signal });
}

/**
 * All output of a launch that has ended. @returns how it ended; undefined where it hasn't
 * @param show is given each piece
 */
export async function wholeOutput(
  connection: Connection,
  of: OfLaunch,
  show: (bytes: Buffer) => Promise<void> | void,
  signal: AbortSignal,
): Promise<{ readonly exit: Exit | null } | undefined> {
  for (let cursor: number | undefined; ; ) {
    const page = await nextPage(connection, of, cursor === undefined ? {} : { cursor }, false, signal);
    if (page.data !== "") await show(Buffer.from(page.data, "base64"));
    else return page.over;
    cursor = page.next;
  }
}
