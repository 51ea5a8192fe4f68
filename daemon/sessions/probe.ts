import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import type { ReadyProbe } from "../../shared/model/app.ts";

/** An answer from a server: how to address it and, for HTTP, its status. */
export interface Answer {
  readonly scheme: "http" | "https" | "tcp";
  readonly status?: number;
  /** Content type. */
  readonly type?: string;
  /** Whether it came as HTTP/1.0, as from what is no web server at heart. */
  readonly isBare?: boolean;
}

/** Whether the answer is the one that tells of a well server: any, unless a path was named. */
export function isWanted({ status = 0 }: Answer, ready: ReadyProbe | undefined): boolean {
  if (ready === undefined || !("http" in ready)) return true;
  return ready.status === undefined ? status >= 200 && status < 400 : status === ready.status;
}

/** The address to reach a listener at: a wildcard is reached over the loopback of its family. */
export function reachableAt(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}

/**
 * Asks a server over HTTP, then over HTTPS if it didn't speak plain HTTP.
 * @param signal ends the question; without its end a server that is silent is waited for
 * @param onOther called where it speaks neither
 * @returns undefined without an answer (refused, closed or silent)
 */
export async function probeHttp(
  address: string,
  port: number,
  path: string,
  signal: AbortSignal,
  onOther: () => void = () => {},
): Promise<Answer | undefined> {
  const plain = await ask(httpRequest, address, port, path, signal);
  if (plain.kind === "answer") return { scheme: "http", ...plain.answer };
  if (plain.kind === "other") {
    const secure = await ask(httpsRequest, address, port, path, signal);
    if (secure.kind === "answer") return { scheme: "https", ...secure.answer };
    onOther();
  }
  return undefined;
}

type Reply = { kind: "answer"; answer: Omit<Answer, "scheme"> } | { kind: "silence" } | { kind: "other" };

function ask(
  request: typeof httpsRequest,
  host: string,
  port: number,
  path: string,
  signal: AbortSignal,
): Promise<Reply> {
  return new Promise((resolve) => {
    const headers = { accept: "text/html,*/*", host: `localhost:${port}` };
    // A development server's certificate is self-signed; being answered is all that's asked.
    const sent = request({
      host,
      port,
      path,
      method: "GET",
      headers,
      agent: false,
      rejectUnauthorized: false,
      signal,
    });
    sent.on("response", (response) => {
      const { statusCode: status = 0, httpVersion } = response;
      const type = response.headers["content-type"];
      const words = { ...(type === undefined ? {} : { type }), isBare: httpVersion === "1.0" };
      resolve({ kind: "answer", answer: { status, ...words } });
      response.destroy();
    });
    sent.on("error", (error: NodeJS.ErrnoException) =>
      resolve({ kind: speaksOther(error) ? "other" : "silence" }),
    );
    sent.end();
  });
}

/** Something answered, but not in HTTP: a parser error, or a TLS server that hangs up on plain text. */
function speaksOther(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith("HPE_") === true || error.code === "ECONNRESET" || error.code === "EPROTO";
}

/** Whether a TCP connection is accepted. */
export function probeTcp(address: string, port: number, signal: AbortSignal): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({
      host: address,
      port,
      signal,
    });
    socket.once("connect", () => {
      socket.destroy();
      resolve({ scheme: "tcp" });
    });
    socket.once("error", () => resolve(undefined));
  });
}
