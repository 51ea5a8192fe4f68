import type { RunView } from "../../../shared/model/run.ts";
import { isRunLive } from "../../../shared/model/run-state.ts";
import type { AppSummary, SandboxView } from "../../../shared/model/sandbox.ts";
import type { SessionView } from "../../../shared/model/session.ts";
import type { SeenExternal } from "../../../shared/protocol/apps.ts";
import { appsTable } from "../output/here.ts";
import { printable } from "../output/style.ts";
import { aligned } from "../output/table.ts";
import { shortPath } from "../output/words.ts";
import { externalRow, type Row, runRow, type Style, sessionRows, taskRow } from "./rows.ts";

/** All that runs, and what is known of the directory that is asked from. */
export interface Around {
  readonly sessions: readonly SessionView[];
  /** Live ones, and the last that ended, newest first. */
  readonly runs: readonly RunView[];
  /** What could be started; undefined where that can't be told now. */
  readonly here: SandboxView | undefined;
  readonly externals: readonly SeenExternal[];
}

interface Project {
  readonly heading: string;
  readonly rows: readonly Row[];
}

const indent = "  ";

/** This project, with what could be started in it, then the others by path. */
export function projectsText(around: Around, style: Style): string {
  const { own, others } = projectsOf(around, style);
  const startable = startableIn(around);
  const [first, ...texts] = written(own === undefined ? others : [own, ...others], style);
  if (own === undefined) return [first, ...texts].filter((text) => text !== undefined).join("\n\n");
  const empty = own.rows.length > 0 ? "" : `\n${indent}${nothing(startable)}`;
  const more =
    startable.length === 0
      ? []
      : [`Can be started here with devlatch start APP:\n${appsTable(startable, style.paint)}`];
  return [`${first}${empty}`, ...more, ...texts].join("\n\n");
}

function nothing(startable: readonly AppSummary[]): string {
  return startable.length > 0 ? "No servers." : "No servers. Start one with: devlatch start web";
}

/** The projects' lines, in the same columns all of them. */
function written(projects: readonly Project[], { paint }: Style): readonly string[] {
  const columns = paint.columns === undefined ? undefined : paint.columns - indent.length;
  const lines = aligned(
    projects.flatMap(({ rows }) => rows),
    columns,
  );
  return projects.map(({ heading, rows }) =>
    [paint("bold", heading), ...lines.splice(0, rows.length).map((line) => indent + line)].join("\n"),
  );
}

function projectsOf(around: Around, style: Style) {
  const { here } = around;
  const sessions = around.sessions.filter((one) => style.isLong || one.state.kind !== "stopped");
  const runs = around.runs.filter(({ state }) => isRunLive(state));
  const isOwn = ({ sandboxId }: { readonly sandboxId: string }) => sandboxId === here?.sandboxId;
  const own = here && { heading: headingOf(here.root), rows: ownRows(around, here, sessions, style) };
  const others = [
    ...sessions
      .filter((one) => !isOwn(one))
      .map((one) => place(one, one.root, sessionRows(one, style), one.app)),
    ...runs
      .filter((one) => !isOwn(one))
      .map((one) => place(one, rootOf(one, around.sessions), [runRow(one, style)], one.key)),
  ];
  const groups = [...Map.groupBy(others, ({ group }) => group).values()];
  return {
    own,
    others: groups
      .map((group) => ({
        heading: headingOf(group[0]?.root ?? ""),
        rows: group.sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap(({ rows }) => rows),
      }))
      .sort((a, b) => (a.heading < b.heading ? -1 : 1)),
  };
}

function place(
  { sandboxId }: { readonly sandboxId: string },
  root: string,
  rows: readonly Row[],
  name: string,
) {
  return { group: `${sandboxId}\n${root}`, root, rows, name };
}

/** A run's record doesn't tell the project's root to clients: its directory stands for it where no server does. */
function rootOf({ sandboxId, cwd }: RunView, sessions: readonly SessionView[]): string {
  return sessions.find((one) => one.sandboxId === sandboxId)?.root ?? cwd;
}

function headingOf(root: string): string {
  return printable(shortPath(root));
}

/** Apps in the project's own order, then what isn't one of them any more, then commands that run. */
function ownRows(
  { runs, externals }: Around,
  { apps, sandboxId }: SandboxView,
  sessions: readonly SessionView[],
  style: Style,
): readonly Row[] {
  const own = sessions.filter((one) => one.sandboxId === sandboxId);
  const ownRuns = runs.filter((one) => one.sandboxId === sandboxId);
  const rowsOf = ({ app, external, task }: AppSummary): readonly Row[] => {
    if (external) {
      const answers = externals.find((one) => one.app === app)?.answers;
      return [externalRow(app, external, answers, style)];
    }
    const session = own.find((one) => one.app === app);
    if (session) return sessionRows(session, style);
    const last = task ? ownRuns.find(({ key }) => key === `task:${app}`) : undefined;
    return last ? [taskRow(app, last, style)] : [];
  };
  const rest = own
    .filter(({ app }) => !apps.some((one) => one.app === app))
    .sort((a, b) => (a.app < b.app ? -1 : 1));
  const isShown = ({ key }: RunView) => apps.some(({ app, task }) => task && key === `task:${app}`);
  return [
    ...apps.flatMap(rowsOf),
    ...rest.flatMap((one) => sessionRows(one, style)),
    ...ownRuns.filter((one) => isRunLive(one.state) && !isShown(one)).map((one) => runRow(one, style)),
  ];
}

/** What has no line of its own: it doesn't run, and nothing went wrong with it. */
function startableIn({ here, sessions, runs }: Around): readonly AppSummary[] {
  const isOwn = ({ sandboxId }: { readonly sandboxId: string }) => sandboxId === here?.sandboxId;
  return (here?.apps ?? []).filter(({ app, external, task }) => {
    if (external) return false;
    if (task) return !runs.some((one) => isOwn(one) && one.key === `task:${app}`);
    return !sessions.some((one) => isOwn(one) && one.app === app && one.state.kind !== "stopped");
  });
}
