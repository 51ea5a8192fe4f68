import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SessionRecord } from "../../shared/model/session.ts";
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

/**
 * What is asked for in place of a server's first page: of an Expo app a phone's bundle, where Metro finds nothing to bundle
 * it for the web with. Expo's own list of platforms names the web also where another package of a workspace has that.
 * @returns undefined where the page itself is to be asked for
 * @throws the signal's reason
 */
export async function insteadOf(
  page: URL,
  { framework, settings }: Pick<SessionRecord, "framework" | "settings">,
  signal: AbortSignal,
): Promise<URL | undefined> {
  if (framework !== "expo" || page.pathname !== "/") return undefined;
  return (await finds("react-native-web", settings.cwd)) ? undefined : nativeBundleOf(page, signal);
}

/** Whether a package is in a `node_modules` of the directory, or of one above it. */
async function finds(name: string, directory: string): Promise<boolean> {
  const found = await stat(join(directory, "node_modules", name)).catch(() => undefined);
  if (found) return true;
  const above = dirname(directory);
  return above !== directory && finds(name, above);
}
