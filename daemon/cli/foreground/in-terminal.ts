import { hasCode } from "../../../shared/base/errors.ts";
import type { Exit } from "../../../shared/model/exit.ts";
import { suspendJob } from "../attach/job-control.ts";
import { splitAtSignals } from "../attach/keys.ts";
import { Screen } from "../attach/screen.ts";
import { Typing } from "../attach/typing.ts";
import { Viewer } from "../attach/viewer.ts";
import type { Context } from "../context.ts";
import type { TerminalStreams } from "../output/output.ts";
import { restartPatience } from "./after.ts";
import { presentLaunch, wholeOutput } from "./launch-output.ts";
import { leave } from "./leave.ts";
import type { Served } from "./served.ts";
import type { Stayed } from "./stayed.ts";
import { joinedText } from "./words.ts";

/** Shows the server in this terminal as it writes, with keys and size, until it ends or the user leaves it. */
export async function stayInTerminal(
  terminal: TerminalStreams,
  served: Served & { readonly launch: string },
  context: Context,
): Promise<Stayed> {
  const { interrupts, output } = context;
  const screen = new Screen(terminal, output.paint);
  screen.onGone(() => interrupts.interrupt("SIGHUP"));
  const typing = new Typing(
    terminal.input,
    {
      onLeave: () => interrupts.interrupt(),
      onLost: () => screen.bell(),
      onSuspend: () => void suspendJob(screen),
    },
    splitAtSignals,
  );
  screen.onTyped((text) => typing.typed(text));
  const over = new AbortController();
  // Shown while it ends: what it says then is part of its output.
  const left = new Promise<string | undefined>((resolve) => {
    const go = () => void leave({ app: served.app, stop: "any" }, context).then(resolve);
    context.signal.addEventListener("abort", go, { once: true });
    if (context.signal.aborted) go();
  }).then((line) => {
    over.abort(context.signal.reason);
    return line;
  });
  try {
    const exit = await look(served, context, { screen, typing }, over.signal);
    if (!context.signal.aborted) {
      await screen.close(undefined);
      return { kind: "ended", exit };
    }
  } catch (error) {
    if (!context.signal.aborted) {
      await screen.close(undefined);
      throw error;
    }
  }
  await screen.close(await left);
  return { kind: "left" };
}

async function look(
  served: Served & { readonly launch: string },
  context: Context,
  parts: { readonly screen: Screen; readonly typing: Typing },
  signal: AbortSignal,
): Promise<Exit | null> {
  const { app, connection } = served;
  const { cwd } = context;
  let { launch } = served;
  const viewer = new Viewer(app, context, parts, {
    welcome: joinedText(served),
    leaving: "leaves it",
    tellsWaiting: false,
    awaits: async () => {
      const patience = context.signal.aborted ? 0 : await restartPatience({ ...served, launch }, context);
      if (patience > 0) launch = await presentLaunch(connection, { cwd, app }, signal).catch(() => launch);
      return patience;
    },
  });
  try {
    const last = await viewer.stay(signal);
    if (last.kind === "ended" && last.exit) return last.exit;
  } catch (error) {
    // It ended before it could be attached to: its output is there all the same.
    if (signal.aborted || !hasCode(error, "NOT_RUNNING")) throw error;
    const show = (bytes: Buffer) => parts.screen.write(bytes.toString());
    return (await wholeOutput(connection, { cwd, app, launch }, show, signal))?.exit ?? null;
  }
  return (await wholeOutput(connection, { cwd, app, launch }, () => {}, signal))?.exit ?? null;
}
