import { nativeBundleOf } from "./native-bundle.ts";

/**
 * What an app of this framework loads to show a page, and the page doesn't name.
 * @throws the signal's reason
 */
export async function hiddenPartOf(
  framework: string | undefined,
  page: URL,
  signal: AbortSignal,
): Promise<URL | undefined> {
  if (framework === "expo") return nativeBundleOf(page, signal);
  return framework === "vitepress" ? markdownOf(page) : undefined;
}

/** VitePress answers every path with one shell, which imports the page's file: `/guide/` is `guide/index.md`. */
export function markdownOf(page: URL): URL {
  const path = page.pathname.replace(/\.html$/, "").replace(/\/$/, "/index");
  // Without that word Vite takes it for a file to hand out as it is.
  return new URL(`${path}.md?import`, page.origin);
}
