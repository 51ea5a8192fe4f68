/**
 * The lines of a here-document (POSIX.1-2024, Shell Command Language, 2.7.4), up to the one that ends it or to the text's end.
 * @param from where its first line begins
 * @param tabs whether tabs in front of the line that ends it don't count (`<<-`)
 * @returns its lines, and where the line behind its end begins
 */
export function hereDocument(
  text: string,
  from: number,
  delimiter: string,
  tabs: boolean,
): { readonly body: string; readonly next: number } {
  for (let at = from; at < text.length; ) {
    const lineEnd = text.indexOf("\n", at);
    const next = lineEnd < 0 ? text.length : lineEnd + 1;
    const line = text.slice(at, lineEnd < 0 ? text.length : lineEnd).replace(/\r$/, "");
    if ((tabs ? line.replace(/^\t+/, "") : line) === delimiter) return { body: text.slice(from, at), next };
    at = next;
  }
  return { body: text.slice(from), next: text.length };
}
