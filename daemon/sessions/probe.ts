import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";

/** An answer from a server: how to address it and, for HTTP, its status. */
export interface Answer {
  readonly scheme: "http" | "https" | "tcp";
  readonly status?: number;
}

/** Longest time one probe may take, in milliseconds; a first page may have to be compiled. */
const probeTimeoutMs = 15_000;

/** The address to reach a listener at: a wildcard is reached over the loopback of its family. */
export function reachableAt(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}

/**
 * Asks a server over HTTP, then over HTTPS if it didn't speak plain HTTP.
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
  if (plain.kind === "answer") return { scheme: "http", status: plain.status };
  if (plain.kind === "other") {
    const secure = await ask(httpsRequest, address, port, path, signal);
    if (secure.kind === "answer") return { scheme: "https", status: secure.status };
    onOther();
  }
  return undefined;
}

type Reply = { kind: "answer"; status: number } | { kind: "silence" } | { kind: "other" };

function ask(
  request: typeof httpsRequest,
  host: string,
  port: number,
  path: string,
  signal: AbortSignal,
): Promise<Reply> {
  return new Promise((resolve) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(probeTimeoutMs)]);
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
      signal: limited,
    });
    sent.on("response", (response) => {
      resolve({ kind: "answer", status: response.statusCode ?? 0 });
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
      signal: AbortSignal.any([signal, AbortSignal.timeout(probeTimeoutMs)]),
    });
    socket.once("connect", () => {
      socket.destroy();
      resolve({ scheme: "tcp" });
    });
    socket.once("error", () => resolve(undefined));
  });
}
