/**
 * The `packages` of a `pnpm-workspace.yaml`. Reads the list of strings that this key holds (block or flow style, quoted
 * or plain, with comments) and leaves the rest of YAML alone.
 */
export function readPnpmPackages(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => /^(['"]?)packages\1\s*:/.test(line));
  if (start < 0) return [];
  const inline = stripComment((lines[start] ?? "").replace(/^[^:]*:/, "")).trim();
  return inline.startsWith("[")
    ? flowItems([inline, ...lines.slice(start + 1)])
    : blockItems(lines.slice(start + 1));
}

function blockItems(lines: readonly string[]): string[] {
  const items: string[] = [];
  for (const line of lines) {
    if (stripComment(line).trim() === "") continue;
    const item = /^\s*-\s+(.*)$/.exec(line);
    if (item === null) break;
    items.push(unquote(stripComment(item[1] ?? "").trim()));
  }
  return items.filter((item) => item !== "");
}

function flowItems(lines: readonly string[]): string[] {
  const text = lines.map(stripComment).join(" ");
  const inside = text.slice(1, text.indexOf("]") < 0 ? undefined : text.indexOf("]"));
  return inside
    .split(",")
    .map((item) => unquote(item.trim()))
    .filter((item) => item !== "");
}

/** A comment begins with `#` at the start or after a blank, outside quotes (YAML 1.2.2, 6.6). */
function stripComment(line: string): string {
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? "";
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (char === "'" || char === '"') quote = char;
    else if (char === "#" && (at === 0 || /\s/.test(line[at - 1] ?? ""))) return line.slice(0, at);
  }
  return line;
}

function unquote(text: string): string {
  const quoted = /^(['"])(.*)\1$/.exec(text);
  return quoted === null ? text : (quoted[2] ?? "");
}
