import { none } from "../../../shared/operations/fields.ts";
import { steps } from "../../../shared/operations/operation.ts";
import { projectsText } from "../status/projects.ts";
import { noDaemonText } from "../status/status-text.ts";
import { lookAround } from "./status.ts";
import { verb } from "./verb.ts";

const declared = steps({
  summary: "Show this project: what runs, what could be started, what to do next. Also without a verb.",
  args: none,
  options: none,
  palette: null,
  requests: {},
});

const next = `
devlatch start         start all that belongs together here, or name one
devlatch logs          what it writes; with --follow as it comes
devlatch stop          stop it
devlatch --help        everything else`;

/** What a person sees who types `devlatch` alone. Looking changes nothing: where no daemon runs, none is started. */
export const overview = verb(declared, async (_input, context) => {
  const found = await lookAround(context);
  const data = { sessions: found?.sessions ?? [], here: found?.here ?? null };
  const style = { paint: context.output.paint, now: Date.now(), isLong: false };
  const text = found ? projectsText(found, style) : noDaemonText(false);
  return { data, text: context.output.quiet ? text : `${text}\n${next}` };
});
