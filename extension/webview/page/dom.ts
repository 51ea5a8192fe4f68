/** An element with its text; what comes from others is text and never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  text = "",
  className = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (text !== "") made.textContent = text;
  if (className !== "") made.className = className;
  return made;
}

/** Sets a text where it differs: what a screen reader or a pointer is at isn't made anew. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** A table with a caption and heads. It scrolls by itself, so a keyboard has to get there. */
export function tableOf(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLTableElement {
  const table = element("table");
  table.tabIndex = 0;
  table.append(element("caption", caption));
  const head = table.createTHead().insertRow();
  for (const title of heads) {
    const cell = element("th", title);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const text of row) line.append(element("td", text));
  }
  return table;
}

/** The first of the editor's colours that its theme has, else that of text. */
export function colour(...names: readonly string[]): string {
  const style = getComputedStyle(document.documentElement);
  for (const name of [...names, "--vscode-foreground"]) {
    const value = style.getPropertyValue(name).trim();
    if (value !== "") return value;
  }
  return style.color;
}
