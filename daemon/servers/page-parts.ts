import type { Answer } from "./visit.ts";

/** Most scripts and style sheets of one page that are loaded. */
const mostParts = 8;
/** Most of a page that is searched, in characters. */
const searched = 256 * 1024;

// Every pattern has bounded repetitions and begins with a character that stops them: a page costs its length.
const tag = /<(?:script|link)\b([^<>]{1,2000})>/gi;
const attribute =
  /\b(src|href|rel)\s{0,8}=\s{0,8}(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})'|([^\s"'<>]{1,2000}))/gi;
/** What the scripts that stand in a page import, by a path of the server. */
const imported = /\b(?:import\s{0,4}\(\s{0,4}|import\s{1,4}|from\s{0,4})["'](\/[^"'\s<>]{1,1000})["']/g;

/**
 * The scripts and style sheets that a page loads from its own server: the page of an app that runs in the browser is
 * an empty shell, and what is wrong shows in them. At most eight, each once.
 */
export function partsOf({ url, text }: Pick<Answer, "url" | "text">): URL[] {
  const page = text.slice(0, searched);
  const named = [
    ...[...page.matchAll(tag)].flatMap(([, attributes = ""]) => loadedBy(attributes) ?? []),
    ...[...page.matchAll(imported)].flatMap(([, path]) => path ?? []),
  ];
  const parts = new Map<string, URL>();
  for (const name of named) {
    const part = URL.parse(name.replaceAll("&amp;", "&"), url.href);
    if (part?.origin !== url.origin || parts.size >= mostParts) continue;
    part.hash = "";
    parts.set(part.href, part);
  }
  parts.delete(url.href);
  return [...parts.values()];
}

/** What a module of the app imports of the app itself, as Vite hands it out; packages and Vite's own are sound. */
export function importedBy(module: Pick<Answer, "url" | "text">): URL[] {
  return partsOf(module).filter(({ pathname }) => !/^\/@|\/node_modules\//.test(pathname));
}

/** @returns the address of a script, a module or a style sheet */
function loadedBy(attributes: string): string | undefined {
  const found = new Map(
    [...attributes.matchAll(attribute)].map(([, name = "", ...values]) => [
      name.toLowerCase(),
      values.find((value) => value !== undefined),
    ]),
  );
  const src = found.get("src");
  if (src !== undefined) return src;
  return /^(?:stylesheet|modulepreload)$/i.test(found.get("rel") ?? "") ? found.get("href") : undefined;
}
