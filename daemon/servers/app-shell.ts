import { join } from "node:path";
import { readRegularFile } from "../../shared/base/regular-file.ts";

/**
 * Whether a page is the app's index.html as it lies there, but for its scripts: then no server rendered any of it, and all
 * that is the app's comes with what the page loads.
 * @param cwd the app's directory
 * @param page the page as it was answered
 */
export async function isOwnShell(cwd: string, page: string): Promise<boolean> {
  const file = await readRegularFile(join(cwd, "index.html")).catch(() => undefined);
  return file?.kind === "bytes" && markupOf(new TextDecoder().decode(file.bytes)) === markupOf(page);
}

/** What stands in a page's body, or in all of one without, but for scripts. */
function markupOf(page: string): string {
  const begin = Math.max(0, page.search(/<body\b/i));
  const body = page.slice(begin);
  const end = body.search(/<\/body\b/i);
  const spaced = withoutScripts(end === -1 ? body : body.slice(0, end)).replace(/\s+/g, " ");
  return spaced.replaceAll("> ", ">").replaceAll(" <", "<").trim();
}

/** One step for each script: a pattern that looks for its end would look again from each that has none. */
function withoutScripts(text: string): string {
  const [first = "", ...others] = text.split(/<script\b/i);
  return [
    first,
    ...others.map((one) =>
      one
        .split(/<\/script\s{0,8}>/i)
        .slice(1)
        .join(""),
    ),
  ].join("");
}
