import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { translatable } from "../../.ci/packages/translatable.ts";
import { createHome } from "../support/home.ts";
import type { Owner } from "../support/owner.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { pseudo, pseudoLanguage, pseudoTexts } from "../support/pseudo-language.ts";
import { startVsCode } from "./support/server.ts";
import { notification, row, statusItem, statusShows, webview } from "./window-parts.ts";

test("in a window of another language its bundle is found: view, status bar, message and dashboard speak it", async (t) => {
  const home = createHome(t);
  const vscode = await startVsCode(t, { env: { DEVLATCH_HOME: home.directory } });
  const folder = await prepareProject("plain", t);
  const apps = { web: { command: "npm run dev", port: await freePort() } };
  writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps }));
  const extension = translatedExtension(t);
  const window = await vscode.openWindow({ folder, extension, language: pseudoLanguage });
  const { page } = window;

  await statusItem(window, "web")
    .locator(`xpath=self::*[contains(@aria-label, "${pseudo("stopped")}")]`)
    .waitFor();
  await page
    .locator(`.activitybar .action-label[aria-label*="${pseudo("Devlatch")}"]`)
    .first()
    .click();
  await page
    .locator(".pane-header")
    .filter({ hasText: pseudo("Servers") })
    .first()
    .waitFor();
  await row(window, pseudo("stopped")).click();
  await statusShows(window, "web", /web :\d+/);
  const ready = await notification(
    window,
    pseudo("{0} is ready at {1}").split("{0}")[1]?.split("{1}")[0] ?? "",
  );
  await ready.getByRole("button", { name: pseudo("Open in Browser") }).waitFor();
  await window.runCommand(pseudo("Open Dashboard"));
  const dashboard = await webview(window, pseudo("Latency of store and databases"));
  await dashboard.getByRole("button", { name: pseudo("15 minutes") }).waitFor();
  await window.screenshot("translated");
});

/** The extension with a language that a translator would add: two files beside those in English. */
function translatedExtension(owner: Owner): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-translated-"));
  owner.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const part of ["dist", "extension/media"])
    cpSync(join(repository, part), join(directory, part), { recursive: true });
  const { manifest, texts } = translatable(
    JSON.parse(readFileSync(join(repository, "package.json"), "utf8")),
  );
  const inPseudo = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, pseudo(text)]));
  const write = (file: string, content: object) =>
    writeFileSync(join(directory, file), JSON.stringify(content));
  write("package.json", manifest);
  write("package.nls.json", texts);
  write(`package.nls.${pseudoLanguage}.json`, inPseudo);
  write(`dist/l10n/bundle.l10n.${pseudoLanguage}.json`, pseudoTexts());
  return directory;
}
