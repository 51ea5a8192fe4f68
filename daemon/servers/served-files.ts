import { relative, resolve, sep } from "node:path";
import type { SessionRecord } from "../../shared/model/session.ts";
import type { Heard } from "../output/builds.ts";
import { visit } from "./visit.ts";

/** Frameworks on Vite's server, which serves a project's modules by their paths, each compiled as it is asked for. */
const onVite: ReadonlySet<string> = new Set([
  ...["vite", "sveltekit", "react-router", "remix", "astro", "vitepress", "electron-vite"],
]);
/** Whether a framework's server is Vite's. */
export function servesModules({ framework = "" }: Pick<SessionRecord, "framework">): boolean {
  return onVite.has(framework);
}

/** A source file, by its name. */
export const moduleFile = /\.(?:[jt]sx?|m[jt]s|vue|svelte|astro|mdx|css|s[ac]ss|less)$/;
/** Most files that are asked for. */
const mostFiles = 8;

/**
 * Whether a server serves all files that had errors: it says nothing of a module that was mended before it ever loaded, so
 * it is asked for them.
 * @throws the signal's reason
 */
export async function filesServed(
  record: SessionRecord,
  { build }: Pick<Heard, "build">,
  signal: AbortSignal,
): Promise<boolean> {
  const { settings, state } = record;
  if (state.kind !== "ready" || !servesModules(record)) return false;
  const paths = build.errors.map(
    ({ place }) => place && relative(settings.cwd, resolve(settings.cwd, place.file)),
  );
  const own = [...new Set(paths)].filter((path) => path && !path.startsWith("..") && moduleFile.test(path));
  if (own.length === 0 || own.length > mostFiles || paths.includes(undefined)) return false;
  for (const path of own) {
    const words = (path ?? "").split(sep).map(encodeURIComponent).join("/");
    const answer = await visit(new URL(`/${words}`, state.url), signal, { accept: "*/*" });
    if (answer === undefined || answer.status >= 400) return false;
  }
  return true;
}
