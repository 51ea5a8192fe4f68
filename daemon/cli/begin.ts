import { existsSync } from "node:fs";
import { enableOwnCache } from "../../shared/client/own-cache.ts";
import { everydayFile, isEveryday } from "./everyday-verbs.ts";

// Loaded by main.ts on a runtime that can run it. Small: what follows is compiled only after the place for that is known.
void begin();

async function begin(): Promise<void> {
  enableOwnCache();
  const words = process.argv.slice(2);
  if (words[0] === "completion") {
    const { answerAtPrompt } = await import("./completion/at-prompt.ts");
    if (await answerAtPrompt(words)) process.exit();
  }
  const { main } = await loadMain(words);
  await main();
}

/** What runs the command line, with the verb or without it. */
function loadMain(words: readonly string[]): Promise<typeof import("./run.ts")> {
  const together = new URL(everydayFile, import.meta.url);
  return isEveryday(words) && existsSync(together) ? import(together.href) : import("./run.ts");
}
