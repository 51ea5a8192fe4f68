import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { abortable } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";

/** A page that was asked for, so that it is compiled. */
export interface Visit {
  readonly url: URL;
  /** Absent where no answer came. */
  readonly status?: number;
  /** When it was asked for, in milliseconds since the epoch. */
  readonly time: number;
}

/**
 * A page of a server.
 * @param path begins with a slash; of a second one, or a backslash, a URL makes another host
 * @throws DevlatchError `INVALID_INPUT` for a path that leads to another server
 */
export function pageOf(server: string, path: string): URL {
  const url = URL.parse(path, server);
  if (url !== null && url.origin === new URL(server).origin) return url;
  throw new DevlatchError(
    "INVALID_INPUT",
    `${path} leads away from ${server}.`,
    "Give a path on that server that begins with one slash: --visit /about",
  );
}

/**
 * Asks a server for a page as a browser does, and reads the answer to its end: pages come in pieces, and what is wrong
 * with the last ones is said last. A server that doesn't answer has no status. Not with `fetch`: it would cost the
 * daemon megabytes for good, and refuse the certificates that dev servers make themselves.
 * @throws the signal's reason
 */
export async function visit(url: URL, signal: AbortSignal): Promise<Visit> {
  const time = Date.now();
  try {
    const status = await abortable(statusOf(url, signal), signal);
    return status === undefined ? { url, time } : { url, status, time };
  } catch {
    signal.throwIfAborted();
    return { url, time };
  }
}

function statusOf(url: URL, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { accept: "text/html, */*" };
    const took = (answer: IncomingMessage) => {
      answer.once("close", () => resolve(answer.statusCode));
      answer.once("error", reject);
      answer.resume();
    };
    const request =
      url.protocol === "https:"
        ? getHttps(url, { headers, signal, agent: false, rejectUnauthorized: false }, took)
        : getHttp(url, { headers, signal, agent: false }, took);
    request.once("error", reject);
  });
}
