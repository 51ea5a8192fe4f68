import { enableOwnCache } from "../../shared/client/own-cache.ts";

// Loaded by main.ts on a runtime that can run it. Small: what follows is compiled only after the place for that is known.
void begin();

async function begin(): Promise<void> {
  enableOwnCache();
  const { main } = await import("./run.ts");
  await main();
}
