import { DevlatchError } from "../../../shared/base/errors.ts";
import { attach as attachOperation } from "../../../shared/operations/servers.ts";
import { Screen } from "../attach/screen.ts";
import { Typing } from "../attach/typing.ts";
import { restartMs, Viewer } from "../attach/viewer.ts";
import type { Context } from "../context.ts";
import { type Report, verb } from "./verb.ts";

export const attach = verb(attachOperation, async ({ app }, context) => {
  const { terminal, paint } = context.output;
  if (!terminal) throw noTerminal(app, context);
  const screen = new Screen(terminal, paint);
  const detached = new AbortController();
  const detach = () => detached.abort(new DevlatchError("CANCELLED", "Detached.", "Nothing to do."));
  screen.onGone(detach);
  const typing = new Typing(terminal.input, { onLeave: detach, onLost: () => screen.bell() });
  screen.onTyped((text) => typing.typed(text));
  const viewer = new Viewer(
    app,
    context,
    { screen, typing },
    {
      welcome: `devlatch: attached to ${app}. Ctrl-] detaches and leaves it running; Ctrl-C goes to the server.`,
      leaving: "detaches",
      awaits: async () => restartMs,
      tellsWaiting: true,
    },
  );
  const signal = AbortSignal.any([context.signal, detached.signal]);
  try {
    await viewer.stay(signal);
  } catch (error) {
    await screen.close(signal.aborted ? lastLine(app, viewer) : undefined);
    if (signal.aborted) return report(app, context);
    throw error;
  }
  await screen.close(lastLine(app, viewer));
  return report(app, context);
});

function lastLine(app: string, { serverEnded }: Viewer): string {
  return serverEnded
    ? `devlatch: ${app} isn't running any more.`
    : `devlatch: detached from ${app}, which runs on. Come back with: devlatch attach ${app}`;
}

/** Everything was said on the terminal. A signal ends the command as one would, a key as a wish. */
function report(app: string, { interrupts }: Context): Report {
  return { data: { app }, text: "", exitCode: interrupts.exitCode ?? 0 };
}

function noTerminal(app: string, { output }: Context): DevlatchError {
  const why = output.json ? "it can't print JSON" : "standard input and output must be one";
  return new DevlatchError(
    "INVALID_INPUT",
    `attach needs a terminal: ${why}.`,
    `Follow the output with: devlatch logs ${app} --follow`,
  );
}
