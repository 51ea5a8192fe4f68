import { DevlatchError } from "../../../shared/base/errors.ts";
import { operations } from "../../../shared/operations/operations.ts";
import { isInForeground } from "../attach/job-control.ts";
import type { Context } from "../context.ts";
import { asideIn } from "../foreground/aside.ts";
import { becoming } from "../foreground/becoming.ts";
import { stayElsewhere } from "../foreground/elsewhere.ts";
import { showEnded } from "../foreground/ended.ts";
import { stayInPipe } from "../foreground/in-pipe.ts";
import { stayInTerminal } from "../foreground/in-terminal.ts";
import { askFor, type Served } from "../foreground/served.ts";
import { type Stayed, stayedReport } from "../foreground/stayed.ts";
import { joinedText } from "../foreground/words.ts";
import { printable } from "../output/style.ts";
import { verb } from "./verb.ts";

export const dev = verb(operations.dev, async (input, context) => {
  if (context.output.json) throw noDocument();
  const aside = asideIn(context.env);
  if (aside && input.command) return becoming(input.command, aside, context);
  if (aside?.kind === "off") throw turnedOff(aside.variable);
  const asked = await askFor(input, context);
  switch (asked.kind) {
    case "aside":
      return becoming(input.command ?? [], asked.aside, context);
    case "ended":
      return stayedReport(asked.app, await showEnded(asked, context), context);
    case "served":
      return stayedReport(asked.served.app, await stay(asked.served, context), context);
  }
});

async function stay(served: Served, context: Context): Promise<Stayed> {
  const { output } = context;
  if (served.notice !== undefined) output.note(output.paintError("dim", printable(served.notice)));
  const { launch } = served;
  const terminal = isInForeground() ? output.terminal : undefined;
  if (launch !== undefined && terminal) return stayInTerminal(terminal, { ...served, launch }, context);
  const line = joinedText(served);
  if (line !== undefined) output.note(output.paintError("dim", line));
  return launch === undefined ? stayElsewhere(served, context) : stayInPipe({ ...served, launch }, context);
}

function noDocument(): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    "dev shows the server's own output, so it can't print JSON.",
    "Leave out --json; or start it with: devlatch start APP --json",
  );
}

function turnedOff(variable: string): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    `${variable} turns Devlatch off, and no command says what to run instead.`,
    `Give one behind --, e.g.: devlatch dev -- next dev; or leave out ${variable}.`,
  );
}
