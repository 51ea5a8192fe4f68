import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { faultOf } from "../../shared/base/believed-path.ts";
import { locateHome } from "../../shared/client/home.ts";

// Loaded by main.ts on a runtime that can run it. Small: what follows is compiled only after the place for that is known.
void begin();

/** With what V8 made of this program before, where the daemon has made a place for that. */
async function begin(): Promise<void> {
  const { cacheDirectory } = locateHome();
  // What is in there runs as this user. A verb that needs a home that isn't believed says what is wrong with it.
  const isBelieved = existsSync(cacheDirectory) && faultOf(cacheDirectory, "directory") === undefined;
  if (isBelieved) enableCompileCache(cacheDirectory);
  const { main } = await import("./run.ts");
  await main();
}
