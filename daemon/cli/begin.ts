import { enableOwnCache } from "../../shared/client/own-cache.ts";
import { isEveryday } from "./everyday-verbs.ts";

// Loaded by main.ts on a runtime that can run it. Small: what follows is compiled only after the place for that is known.
void begin();

async function begin(): Promise<void> {
  enableOwnCache();
  const words = process.argv.slice(2);
  if (words[0] === "completion") {
    const { answerAtPrompt } = await import("./completion/at-prompt.ts");
    if (await answerAtPrompt(words)) process.exit();
  }
  const { main } = await (isEveryday(words) ? import("./everyday.ts") : import("./run.ts"));
  await main();
}
