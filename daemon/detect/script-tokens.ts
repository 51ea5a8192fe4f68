/** A piece of JavaScript or TypeScript. */
export interface ScriptToken {
  readonly kind: "word" | "number" | "text" | "mark";
  /** Of a text what stands between its quotes; of a template nothing. */
  readonly text: string;
}

const word = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const number = /\d[\w.]*/y;
const mark = /=>|\|\||\?\?|&&|\?\.|\.\.\./y;
/** After these a slash begins an expression, so it is one of a pattern. */
const beforePattern = /^(?:[([{,;:=!&|?+*%<>~^-]|=>|\|\||\?\?|&&|return|typeof|case)$/;
/** Templates inside of templates that are followed. */
const deepest = 50;

/**
 * Cuts JavaScript or TypeScript into tokens, without comments, in time linear to its length. It is not parsed: enough to read
 * what stands in plain sight. Never throws.
 */
export function scriptTokens(text: string): readonly ScriptToken[] {
  const tokens: ScriptToken[] = [];
  const take = (kind: ScriptToken["kind"], value: string) => tokens.push({ kind, text: value });
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (/\s/.test(char)) at += 1;
    else if (text.startsWith("//", at)) at = endOf(text, "\n", at);
    else if (text.startsWith("/*", at)) at = endOf(text, "*/", at + 2);
    else if (char === '"' || char === "'") {
      const end = endOfQuoted(text, at, char);
      take("text", text.slice(at + 1, end - 1));
      at = end;
    } else if (char === "`") {
      at = endOfTemplate(text, at, 0);
      take("text", "");
    } else if (char === "/" && beforePattern.test(tokens.at(-1)?.text ?? ";")) {
      at = endOfPattern(text, at);
      take("text", "");
    } else {
      const [kind, value] = piece(text, at);
      take(kind, value);
      at += value.length;
    }
  }
  return tokens;
}

function piece(text: string, at: number): readonly [ScriptToken["kind"], string] {
  const named = match(word, text, at);
  if (named !== undefined) return ["word", named];
  const digits = match(number, text, at);
  if (digits !== undefined) return ["number", digits];
  return ["mark", match(mark, text, at) ?? String.fromCodePoint(text.codePointAt(at) ?? 0)];
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function endOf(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found < 0 ? text.length : found + what.length;
}

function endOfQuoted(text: string, from: number, quote: string): number {
  let at = from + 1;
  while (at < text.length && text[at] !== quote && text[at] !== "\n") at += text[at] === "\\" ? 2 : 1;
  return Math.min(text.length, at + 1);
}

function endOfTemplate(text: string, from: number, depth: number): number {
  if (depth > deepest) return text.length;
  let [at, braces] = [from + 1, 0];
  while (at < text.length) {
    const char = text[at];
    if (braces === 0 && char === "`") return at + 1;
    if (char === "\\") at += 2;
    else if (braces === 0 && text.startsWith("${", at)) [at, braces] = [at + 2, 1];
    else if (braces > 0 && char === "`") at = endOfTemplate(text, at, depth + 1);
    else {
      if (braces > 0 && char === "{") braces += 1;
      if (braces > 0 && char === "}") braces -= 1;
      at += 1;
    }
  }
  return text.length;
}

function endOfPattern(text: string, from: number): number {
  let [at, inClass] = [from + 1, false];
  while (at < text.length && text[at] !== "\n") {
    const char = text[at];
    if (char === "/" && !inClass) return at + 1;
    if (char === "[") inClass = true;
    if (char === "]") inClass = false;
    at += char === "\\" ? 2 : 1;
  }
  return Math.min(text.length, at);
}
