import type { Command, Help } from "commander";
import { shorten, widthOf } from "../output/width.ts";
import { catalogue, type Entry, type Example, groups } from "./catalogue.ts";
import { topics } from "./topics.ts";

/** As wide as help is, in columns, whatever the terminal is: lines of text are read best so. */
export const helpColumns = 80;
/** Terms beyond this have what they mean on the next line, in columns. */
const mostTermColumns = 26;

const afterAll = `Pages: ${Object.keys(topics)
  .map((topic) => `devlatch help ${topic}`)
  .join(", ")}

Exit codes: 0 done, 1 failed, 2 usage, 3 conflict, 4 store unavailable,
5 deadline, 6 unknown (wait), 130 interrupted.
Environment: DEVLATCH_HOME (where all state is, ~/.devlatch),
DEVLATCH_REDIS_URL (share work through Redis), NO_COLOR, FORCE_COLOR.`;

const layout: Partial<Help> & { helpWidth: number } = {
  helpWidth: helpColumns,
  showGlobalOptions: true,
  subcommandTerm: (command) => command.name(),
  padWidth: (command, helper) =>
    Math.min(
      mostTermColumns,
      Math.max(
        helper.longestOptionTermLength(command, helper),
        helper.longestGlobalOptionTermLength(command, helper),
        helper.longestSubcommandTermLength(command, helper),
        helper.longestArgumentTermLength(command, helper),
      ),
    ),
  formatItem: (term, columns, description, helper) => {
    if (description === "") return `  ${term}`;
    const margin = " ".repeat(columns + 4);
    const text = helper.boxWrap(description, helpColumns - margin.length).replaceAll("\n", `\n${margin}`);
    return widthOf(term) > columns ? `  ${term}\n${margin}${text}` : `  ${term.padEnd(columns)}  ${text}`;
  },
};

/** Gives a program and its verbs what only their help shows. */
export function dress(program: Command): void {
  program.configureHelp(layout).addHelpText("after", `\n${afterAll}`);
  program.helpOption("-h, --help", "Show help");
  for (const command of program.commands) {
    const entry = entryOf(command);
    command.configureHelp(layout).helpOption("-h, --help", "Show this");
    if (!entry) continue;
    command.summary(entry.brief).helpGroup(entry.group);
    command.addHelpText("after", `\nExamples:\n${entry.examples.map(exampleText).join("\n")}`);
  }
  sortByGroup(program);
}

/** What it does on the same line where that fits. */
function exampleText({ line, purpose }: Example): string {
  if (purpose === "") return `  ${line}`;
  const beside = `  ${line.padEnd(36)}  ${purpose}`;
  return widthOf(beside) <= helpColumns ? beside : `  ${line}\n${shorten(`      ${purpose}`, helpColumns)}`;
}

/** Groups are shown in the order in which the first of each comes. */
function sortByGroup(program: Command): void {
  const placeOf = (command: Command) => {
    const group = entryOf(command)?.group;
    return group === undefined ? groups.length : groups.indexOf(group);
  };
  (program.commands as Command[]).sort((a, b) => placeOf(a) - placeOf(b));
}

function entryOf(command: Command): Entry | undefined {
  return (catalogue as Readonly<Record<string, Entry>>)[command.name()];
}
