import { parsePort } from "./port-flags.ts";
import { type ScriptToken, scriptTokens } from "./script-tokens.ts";

/** A port as a configuration file has it: a number, or a variable with perhaps a number for where it isn't set. */
export interface ScriptPort {
  readonly port?: number;
  /** Name of the environment variable that comes first. */
  readonly variable?: string;
}

/** The object of a configuration in which `port` counts: its key, and the key it stands in. */
export interface PortOwner {
  readonly key: string;
  /** Undefined: it stands in the configuration itself. */
  readonly within?: string;
}

/** An opened bracket; of an object that is a property's value, with the property's name. */
interface Open {
  readonly mark: string;
  readonly key: string | undefined;
}

/** Brackets inside of brackets that are followed. */
const deepest = 200;

/**
 * Reads `port` in `server: {port: 4000}` of a configuration that is a program. It isn't executed: a port that doesn't stand
 * there in plain sight, or stands there in two ways, isn't known.
 */
export function readScriptPort(text: string, owner: PortOwner): ScriptPort | undefined {
  const tokens = scriptTokens(text);
  const found = portValues(tokens, owner).map((at) => readValue(tokens, at));
  const [first] = found;
  const same = found.every((one) => one?.port === first?.port && one?.variable === first?.variable);
  return same ? first : undefined;
}

/** Where the values of `port` begin that stand in such an object; of the shorthand the name itself. */
function portValues(tokens: readonly ScriptToken[], owner: PortOwner): readonly number[] {
  const open: Open[] = [];
  const found: number[] = [];
  for (const [at, { kind, text }] of tokens.entries()) {
    if (kind === "mark" && "{([".includes(text)) {
      if (open.length >= deepest) return [];
      open.push({ mark: text, key: text === "{" ? keyBefore(tokens, at) : undefined });
    } else if (kind === "mark" && "})]".includes(text)) open.pop();
    else if (text === "port" && kind !== "mark" && isOwner(open, owner)) {
      const [before, after] = [tokens[at - 1]?.text, tokens[at + 1]?.text];
      if (after === ":") found.push(at + 2);
      else if ((before === "{" || before === ",") && (after === "," || after === "}")) found.push(at);
    }
  }
  return found;
}

function isOwner(open: readonly Open[], { key, within }: PortOwner): boolean {
  const objects = open.filter(({ mark }) => mark === "{");
  return open.at(-1)?.mark === "{" && objects.at(-1)?.key === key && objects.at(-2)?.key === within;
}

function keyBefore(tokens: readonly ScriptToken[], at: number): string | undefined {
  const [name, colon] = [tokens[at - 2], tokens[at - 1]];
  return colon?.text === ":" && name !== undefined && name.kind !== "mark" ? name.text : undefined;
}

/** Tokens of one value that are looked at. */
const longest = 40;

function readValue(tokens: readonly ScriptToken[], from: number, follow = true): ScriptPort | undefined {
  const value = valueAt(tokens, from);
  const [first, ...others] = value;
  if (first === undefined) return undefined;
  if (others.length === 0 && first.kind !== "word") return known(parsePort(first.text));
  if (others.length === 0) return follow ? readVariable(tokens, first.text) : undefined;
  const at = value.findIndex(({ text }, index) => text === "env" && isAccess(value, index));
  const name = value[at + 2];
  if (at < 0 || name === undefined) return undefined;
  const port = parsePort(fallbackIn(value)?.text);
  return { variable: name.text, ...(port === undefined ? {} : { port }) };
}

/** `process.env.PORT || 4000`, `process.env.PORT ? Number(process.env.PORT) : 4000` */
function fallbackIn(value: readonly ScriptToken[]): ScriptToken | undefined {
  const or = value.findIndex(({ text }) => text === "||" || text === "??");
  if (or >= 0) return value[or + 1];
  const otherwise = value.findLastIndex(({ text }) => text === ":");
  return value.some(({ text }) => text === "?") && otherwise >= 0 ? value[otherwise + 1] : undefined;
}

function known(port: number | undefined): ScriptPort | undefined {
  return port === undefined ? undefined : { port };
}

/** `env.PORT`, `env["PORT"]` */
function isAccess(value: readonly ScriptToken[], at: number): boolean {
  const [mark, name] = [value[at + 1]?.text, value[at + 2]?.kind];
  return (mark === "." && name === "word") || (mark === "[" && name === "text");
}

/** Up to the comma or bracket that ends it. */
function valueAt(tokens: readonly ScriptToken[], from: number): readonly ScriptToken[] {
  const found: ScriptToken[] = [];
  let depth = 0;
  for (const token of tokens.slice(from, from + longest)) {
    const isMark = token.kind === "mark";
    if (isMark && depth === 0 && ",;})]".includes(token.text)) break;
    if (depth === 0 && found.length > 0 && statements.has(token.text)) break;
    if (isMark && "{([".includes(token.text)) depth += 1;
    if (isMark && "})]".includes(token.text)) depth -= 1;
    found.push(token);
  }
  return found;
}

const statements = new Set(["const", "let", "var", "export", "import", "function", "return", "module"]);

/** `const port = 4000`, once. */
function readVariable(tokens: readonly ScriptToken[], name: string): ScriptPort | undefined {
  const at = tokens.flatMap(({ text }, index) =>
    ["const", "let", "var"].includes(text) &&
    tokens[index + 1]?.text === name &&
    tokens[index + 2]?.text === "="
      ? [index + 3]
      : [],
  );
  const [only, ...others] = at;
  return only === undefined || others.length > 0 ? undefined : readValue(tokens, only, false);
}
