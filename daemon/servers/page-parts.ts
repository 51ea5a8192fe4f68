import type { Answer } from "./visit.ts";

/** Most scripts and style sheets that are taken from one page. */
const mostParts = 8;
/** Most modules that are taken from one module. */
const mostImports = 64;
/** Most of a page that is searched, in characters. */
const searched = 256 * 1024;

/** What a page loads, or a module imports, from its own server. */
export interface Parts {
  /** Each once. */
  readonly urls: readonly URL[];
  /** Nothing was left off by a bound, or because it can't be told which file it is made of. */
  readonly isWhole: boolean;
}

// Every pattern has bounded repetitions and begins with a character that stops them: a page costs its length.
const tag = /<(?:script|link)\b([^<>]{1,2000})>/gi;
const attribute =
  /\b(src|href|rel)\s{0,8}=\s{0,8}(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})'|([^\s"'<>]{1,2000}))/gi;
/** What the scripts that stand in a page import, by a path of the server. */
const imported = /\b(?:import\s{0,4}\(\s{0,4}|import\s{1,4}|from\s{0,4})["'](\/[^"'\s<>]{1,1000})["']/g;

/**
 * The scripts and style sheets that a page loads from its own server: the page of an app that runs in the browser is
 * an empty shell, and what is wrong shows in them.
 */
export function partsOf({ url, text }: Pick<Answer, "url" | "text">, most = mostParts): Parts {
  const page = text.slice(0, searched);
  const named = [
    ...[...page.matchAll(tag)].flatMap(([, attributes = ""]) => loadedBy(attributes) ?? []),
    ...[...page.matchAll(imported)].flatMap(([, path]) => path ?? []),
  ];
  const parts = new Map<string, URL>();
  for (const name of named) {
    const part = URL.parse(name.replaceAll("&amp;", "&"), url.href);
    if (part?.origin !== url.origin) continue;
    part.hash = "";
    parts.set(part.href, part);
  }
  parts.delete(url.href);
  const urls = [...parts.values()];
  // In bytes: so long, and an answer was kept to its end.
  const isRead = Buffer.byteLength(text) <= searched;
  return { urls: urls.slice(0, most), isWhole: urls.length <= most && isRead };
}

/** What Vite and the plugins of React, Vue and Solid import of themselves; a module that is no file begins with a NUL. */
const helpers = /^\/@(?:vite\/|react-refresh$|solid-refresh$|id\/__x00__(?:plugin-vue:|vite\/))/;

/** Whether a module of Vite's is a package's, or one that Vite or a plugin puts in itself: those are sound. */
export function isSound({ pathname }: URL): boolean {
  return /\/node_modules\//.test(pathname) || helpers.test(pathname);
}

/** Whether a module is from outside of the app's directory, or made by a plugin of files that it alone knows. */
export function isFromElsewhere({ pathname }: URL): boolean {
  return pathname.startsWith("/@");
}

/** What a module of the app imports of the app itself, as Vite hands it out. */
export function importedBy(module: Pick<Answer, "url" | "text">): Parts {
  const { urls, isWhole } = partsOf(module, mostImports);
  const own = urls.filter((one) => !isSound(one));
  const followed = own.filter((one) => !isFromElsewhere(one));
  return { urls: followed, isWhole: isWhole && followed.length === own.length };
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
