import { toErrorShape } from "../../../shared/base/errors.ts";
import type { Context } from "../context.ts";
import { presentLaunch, wholeOutput } from "./launch-output.ts";
import { PlainOutput } from "./plain-output.ts";
import type { Asked } from "./served.ts";
import type { Stayed } from "./stayed.ts";

/** Shows what a server wrote that ended before this could look: as much as it would have shown by itself. */
export async function showEnded(
  { app, error, connection }: Extract<Asked, { kind: "ended" }>,
  { cwd, output, signal }: Context,
): Promise<Stayed> {
  const isTerminal = output.terminalSize !== undefined;
  const plain = new PlainOutput(output.colours);
  let wrote = false;
  const show = async (bytes: Buffer) => {
    wrote = true;
    await output.raw(isTerminal ? bytes : Buffer.from(plain.take(bytes)));
  };
  const launch = await presentLaunch(connection, { cwd, app }, signal);
  const over = await wholeOutput(connection, { cwd, app, launch }, show, signal);
  await output.raw(Buffer.from(plain.flush()));
  if (!wrote) await output.error(toErrorShape(error));
  return { kind: "ended", exit: over?.exit ?? null };
}
