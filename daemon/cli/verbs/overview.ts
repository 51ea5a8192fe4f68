import { projectsText } from "../status/projects.ts";
import { noDaemonText } from "../status/status-text.ts";
import { lookAround } from "./status.ts";
import { verb } from "./verb.ts";

const next = `
devlatch start         start all that belongs together here, or name one
devlatch logs          what it writes; with --follow as it comes
devlatch stop          stop it
devlatch --help        everything else`;

const declared = async () => (await import("./overview-declared.ts")).overview;

/** What a person sees who types `devlatch` alone. Looking changes nothing: where no daemon runs, none is started. */
export const overview = verb(declared, async (_input, context) => {
  const found = await lookAround(context);
  const data = { sessions: found?.sessions ?? [], here: found?.here ?? null };
  const style = { paint: context.output.paint, now: Date.now(), isLong: false };
  const text = found ? projectsText(found, style) : noDaemonText(false);
  return { data, text: context.output.quiet ? text : `${text}\n${next}` };
});
