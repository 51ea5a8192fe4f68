import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

/** A part of a parsed source. Only what is asked for here is named; the rest is as ESTree has it. */
export interface SourceNode {
  readonly type: string;
  /** Offsets in the source, in characters. */
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A source, and a walk through all its parts, each with those around it, the nearest last. */
export interface Source {
  /** Relative to the repository. */
  readonly file: string;
  readonly text: string;
  each(visit: (node: SourceNode, around: readonly SourceNode[]) => void): void;
}

/** The sources that show texts in the editor, and those of `shared` that make words for it. @param root of the repository */
export function textSources(root: string): readonly Source[] {
  const files = globSync("{extension,shared}/**/*.ts", { cwd: root }).sort();
  return files.map((file) => parsed(file, readFileSync(join(root, file), "utf8")));
}

/** @throws Error where the text is no TypeScript */
export function parsed(file: string, text: string): Source {
  const { program, errors } = parseSync(file, text);
  const [error] = errors;
  if (error) throw new Error(`${file}: ${error.message}`);
  return { file, text, each: (visit) => walk(program as unknown as SourceNode, [], visit) };
}

function walk(node: SourceNode, around: readonly SourceNode[], visit: Parameters<Source["each"]>[0]): void {
  visit(node, around);
  const inside = [...around, node];
  for (const part of Object.values(node).flat()) if (isNode(part)) walk(part, inside, visit);
}

function isNode(value: unknown): value is SourceNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** Whether it is a call of `t`, which translates its first argument. */
export function isTranslation({ type, callee }: SourceNode): boolean {
  return (
    type === "CallExpression" && isNode(callee) && callee.type === "Identifier" && callee["name"] === "t"
  );
}

/** What a call of `t` translates; undefined where that isn't written there, and so can't be found by translators. */
export function translatedText({ arguments: given }: SourceNode): string | undefined {
  const [text] = given as readonly SourceNode[];
  return text?.type === "Literal" && typeof text["value"] === "string" ? text["value"] : undefined;
}

/** All texts that can be translated, by themselves: the content of `bundle.l10n.json`. @param root of the repository */
export function translatableTexts(root: string): Readonly<Record<string, string>> {
  const texts = new Set<string>();
  for (const source of textSources(root))
    source.each((node) => {
      const text = isTranslation(node) ? translatedText(node) : undefined;
      if (text !== undefined) texts.add(text);
    });
  return Object.fromEntries([...texts].sort().map((text) => [text, text]));
}
