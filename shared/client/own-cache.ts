import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { faultOf } from "../base/believed-path.ts";
import { faultOnWindows } from "../windows/access-list.ts";
import { locateHome } from "./home.ts";

/**
 * Has what is loaded from now on start with what V8 made of it before, where the daemon has made a place for that. What is
 * in there runs as this user: a place that isn't believed is left alone, and a verb that needs its home says what is wrong.
 */
export function enableOwnCache(): void {
  const { cacheDirectory, directory } = locateHome();
  if (!existsSync(cacheDirectory) || faultOf(cacheDirectory, "directory") !== undefined) return;
  if ([directory, cacheDirectory].some(faultOnWindows)) return;
  enableCompileCache(cacheDirectory);
}
