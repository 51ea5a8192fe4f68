import { get as getHttp, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { get as getHttps } from "node:https";
import { abortable } from "../../shared/base/deadline.ts";
import { DevlatchError } from "../../shared/base/errors.ts";

/** Most redirects of one visit that are followed. */
const mostRedirects = 5;
/** Most of an answer that is read, in bytes: bundles are large. */
const mostRead = 64 * 1024 * 1024;
/** Most of an answer that is kept, in bytes: what a page loads stands in its beginning. */
const mostKept = 512 * 1024;

/** What a server answered. */
export interface Answer {
  /** Of the last redirect. */
  readonly url: URL;
  readonly status: number;
  /** Its beginning where it is a page, a script or JSON; empty otherwise. */
  readonly text: string;
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
 * Asks a server for a page as a browser does, follows what leads to others of the same server, and reads the answer to
 * its end: pages come in pieces, and what is wrong with the last ones is said last. Not with `fetch`: it would cost the
 * daemon megabytes for good, and refuse the certificates that dev servers make themselves.
 * @returns undefined where no answer came
 * @throws the signal's reason
 */
export async function visit(
  url: URL,
  signal: AbortSignal,
  headers: OutgoingHttpHeaders = { accept: "text/html, */*" },
): Promise<Answer | undefined> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const answer = await answerOf(at, headers, signal);
    const next = answer?.location === undefined ? null : URL.parse(answer.location, at.href);
    if (answer === undefined || next?.origin !== url.origin || redirects === mostRedirects) return answer;
    at = next;
  }
}

type Redirect = Answer & { readonly location?: string | undefined };

async function answerOf(
  url: URL,
  headers: OutgoingHttpHeaders,
  signal: AbortSignal,
): Promise<Redirect | undefined> {
  for (const at of placesOf(url)) {
    try {
      return { ...(await abortable(ask(at, { host: url.host, ...headers }, signal), signal)), url };
    } catch (error) {
      signal.throwIfAborted();
      // What took the request and broke off isn't asked once more.
      if ((error as NodeJS.ErrnoException).code !== "ECONNREFUSED") return undefined;
    }
  }
  return undefined;
}

/** Where `localhost` is the older loopback alone, a server may still listen on the newer one alone. */
function placesOf(url: URL): readonly URL[] {
  if (url.hostname !== "localhost") return [url];
  const newer = new URL(url);
  newer.hostname = "[::1]";
  return [url, newer];
}

function ask(url: URL, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<Redirect> {
  return new Promise((resolve, reject) => {
    const took = (message: IncomingMessage) => {
      const kept = new Kept(message);
      message.once("close", () => resolve({ url, ...statusOf(message), text: kept.text }));
      message.once("error", reject);
    };
    const request =
      url.protocol === "https:"
        ? getHttps(url, { headers, signal, agent: false, rejectUnauthorized: false }, took)
        : getHttp(url, { headers, signal, agent: false }, took);
    request.once("error", reject);
  });
}

function statusOf({ statusCode = 0, headers }: IncomingMessage): Pick<Redirect, "status" | "location"> {
  const isRedirect = statusCode >= 300 && statusCode < 400;
  return isRedirect ? { status: statusCode, location: headers.location } : { status: statusCode };
}

/** Reads an answer to its end, or as far as it may be read, and keeps its beginning where that is text. */
class Kept {
  readonly #pieces: Buffer[] = [];

  constructor(message: IncomingMessage) {
    const isText = /\b(?:html|javascript|json)\b/.test(message.headers["content-type"] ?? "");
    let read = 0;
    message.on("data", (piece: Buffer) => {
      if (isText && read < mostKept) this.#pieces.push(piece.subarray(0, mostKept - read));
      read += piece.length;
      if (read > mostRead) message.destroy();
    });
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString("utf8");
  }
}
