/** What `cmd` would act on even within quotes, or what ends them. */
const acts = /["\r\n\0]|%[^%]+%/;

/**
 * A line for `cmd.exe /d /s /c` that hands every word on as it is: all of them are quoted, and `&`, `|`, `<`, `^` mean
 * nothing within quotes.
 * @returns undefined where a word can't be handed on unchanged: it has a quote, a line break or `%NAME%`
 */
export function cmdLine(words: readonly string[]): string | undefined {
  if (words.some((word) => acts.test(word))) return undefined;
  // A program takes a backslash in front of the closing quote for one that quotes it.
  const quoted = words.map((word) => `"${word.replace(/\\+$/, "$&$&")}"`);
  // `/s` takes the outermost quotes away, and nothing else.
  return `"${quoted.join(" ")}"`;
}
