import { closeSync, openSync, writeSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { runWithDeadline } from "../../shared/base/deadline.ts";
import { type HostReport, HostSpec } from "./protocol.ts";

/** How long the launcher may take to send the specification, in milliseconds. */
const specTimeoutMs = 10_000;

/**
 * Reads the specification to the end of the stream.
 * @throws when it is incomplete, isn't JSON or doesn't fit; nothing may be spawned then
 */
export async function readSpec(stream: Readable): Promise<HostSpec> {
  const text = await runWithDeadline(specTimeoutMs, "Reading the specification", async () => {
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces).toString("utf8");
  });
  return HostSpec.parse(JSON.parse(text));
}

/**
 * Says how the launch went, in one line on standard output. Written straight to the descriptor: a stream object
 * would keep it open. The launcher may be gone by now; that changes nothing here.
 */
export function report(message: HostReport): void {
  try {
    writeSync(1, `${JSON.stringify(message)}\n`);
  } catch (error) {
    const gone = error instanceof Error && "code" in error && error.code === "EPIPE";
    if (!gone) throw error;
  }
}

/**
 * Lets go of the launcher's pipes, so that neither side waits for or breaks with the other. What this process says
 * about its own crash goes to `host.log` in the session's directory.
 */
export function detachStdio(directory: string): void {
  // The lowest free descriptor is the one just closed.
  replace(0, () => openSync(devNull, "r"));
  replace(1, () => openSync(devNull, "w"));
  replace(2, () => openSync(join(directory, "host.log"), "w", 0o600));
}

function replace(descriptor: number, open: () => number): void {
  try {
    closeSync(descriptor);
  } catch {
    // It was closed already; then there is nothing to let go of.
  }
  open();
}
