import type { Page } from "playwright-core";
import { waitFor } from "../../support/wait.ts";

/** Runs in the page: what the workbench has stored there, in one text. */
const stored = `(async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const texts = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("vscode-web-state-db")) continue;
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames)
      texts.push(...(await done(database.transaction(store).objectStore(store).getAll())));
    database.close();
  }
  return texts.join("\\n");
})()`;

/**
 * Waits until the editor's page has stored what an extension told it to keep: it does so a moment later, and a page that is
 * loaded anew before then has forgotten it.
 */
export async function untilStored(page: Page, pattern: RegExp): Promise<void> {
  await waitFor(`${pattern} to be stored`, async () => pattern.test(String(await page.evaluate(stored))));
}
