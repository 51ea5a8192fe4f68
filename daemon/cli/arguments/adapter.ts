import { type Command, Option } from "commander";
import type { RawValues } from "./check.ts";
import type { DeclaredVerb } from "./declared.ts";
import { type Field, flagName } from "./field.ts";

/** What the command line asked for, not yet checked. */
export interface Invocation {
  readonly verb: string;
  readonly args: RawValues;
  readonly options: RawValues;
}

/**
 * Adds a verb to the program: positional arguments, flags and help follow from what it declares. A
 * `command` argument isn't positional: it takes what followed `--`, which never reaches the parser.
 * @param trailing what followed `--`; undefined if there was none
 * @param invoked is told when the parser recognised this verb
 */
export function addVerb(
  program: Command,
  name: string,
  declared: DeclaredVerb,
  trailing: readonly string[] | undefined,
  invoked: (invocation: Invocation) => void,
): void {
  const { args, summary } = declared;
  const isList = (field: Field) => field.name === "app" && declared.apps === "several";
  const positional = args.filter(({ name }) => name !== "command");
  const command = args.find(({ name }) => name === "command");
  const verb = program.command(name).summary(summary).description(describe(summary, command));
  const flags = declared.options.map((field) => ({ field, option: toOption(field) }));
  const nameOf = (field: Field) => argumentName(field, isList(field));
  for (const field of positional) verb.argument(nameOf(field), argumentHelp(field));
  for (const { option } of flags) verb.addOption(option);
  verb.usage(usageOf(positional.map(nameOf), command));
  if (trailing && !command)
    verb.hook("preAction", () => verb.error(`error: '${name}' takes no command after --`));
  if (trailing?.length === 0) verb.hook("preAction", () => verb.error("error: nothing follows --"));
  verb.action(() => {
    const values = positional.map(
      (field, index) =>
        [field.name, isList(field) ? verb.args.slice(index) : given(verb.processedArgs[index])] as const,
    );
    invoked({
      verb: name,
      args: { ...Object.fromEntries(values), ...(trailing ? { command: trailing } : {}) },
      options: Object.fromEntries(flags.map(({ field, option }) => [field.name, flagValue(verb, option)])),
    });
  });
}

function describe(summary: string, command: Field | undefined): string {
  return command ? `${summary}\n\n-- CMD…  ${command.description}` : summary;
}

function usageOf(positional: readonly string[], command: Field | undefined): string {
  const trailing = command === undefined ? [] : [command.required ? "-- CMD…" : "[-- CMD…]"];
  return ["[options]", ...positional, ...trailing].join(" ");
}

function argumentName(field: Field, isList = false): string {
  const isSeveral = isList || field.kind === "array";
  const name = isSeveral ? `${field.name}...` : (field.choices?.join("|") ?? field.name);
  return field.required ? `<${name}>` : `[${name}]`;
}

/** Several words for an argument that takes several, else one. */
function given(value: unknown): RawValues[string] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" ? value : undefined;
}

function argumentHelp(field: Field): string {
  return field.kind === "integer" ? `${field.description} (${field.wants})` : field.description;
}

function toOption(field: Field): Option {
  const flag = field.short === undefined ? flagName(field.name) : `-${field.short}, ${flagName(field.name)}`;
  if (field.kind === "boolean") return new Option(flag, field.description);
  if (field.kind === "array") {
    const collect = (value: string, before: readonly string[] = []) => [...before, value];
    return new Option(`${flag} <TEXT>`, field.description).argParser(collect);
  }
  const isNumber = field.kind === "integer" || field.kind === "number";
  const choices = field.choices?.join("|");
  const isMany = choices !== undefined && choices.length > mostChoices;
  const word = field.name === "grep" ? "RE" : isMany ? field.name.toUpperCase() : "TEXT";
  const placeholder = isMany ? word : (choices ?? (isNumber ? "N" : word));
  const help = isNumber || isMany ? `${field.description} (${field.wants})` : field.description;
  return new Option(`${flag} <${placeholder}>`, help);
}

/** Choices that take more room than this are named in the description, in characters. */
const mostChoices = 24;

/** Commander stores `--no-wait` as `wait: false`; here the flag means its own name. */
function flagValue(verb: Command, option: Option): RawValues[string] {
  const value: unknown = verb.getOptionValue(option.attributeName());
  if (option.negate) return value === false ? true : undefined;
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "string" || typeof value === "boolean" ? value : undefined;
}
