import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runTests } from "@vscode/test-electron";
import { repository } from "../../support/paths.ts";
import { folderOf, suites } from "../suites.ts";
import { bundleSuite } from "./bundle.ts";
import { assertAllPassed, readResults } from "./results.ts";

/**
 * Runs the suites in VS Code for the desktop, which `@vscode/test-electron` downloads: the same suites that run in
 * the VS Code server, for machines that can reach the download. `npm run test:electron`.
 */
async function main(): Promise<void> {
  let failed = 0;
  for (const [name, suite] of Object.entries(suites)) {
    const ends: (() => void | Promise<void>)[] = [];
    const owner = { after: (end: () => void | Promise<void>) => ends.push(end) };
    try {
      const bundled = await bundleSuite(suite.entry, owner);
      const folder = await folderOf(suite, owner);
      await launch(bundled.module, folder, suite.trusted).catch((error) => console.error(String(error)));
      assertAllPassed(readResults(bundled));
      console.log(`✔ ${name}`);
    } catch (error) {
      failed += 1;
      console.error(`✖ ${name}\n${error instanceof Error ? error.message : error}`);
    } finally {
      for (const end of ends.reverse()) await end();
    }
  }
  process.exitCode = failed === 0 ? 0 : 1;
}

async function launch(extensionTestsPath: string, folder: string, trusted: boolean): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "dl-"));
  mkdirSync(join(data, "user/User"), { recursive: true });
  writeFileSync(join(data, "user/User/settings.json"), JSON.stringify({ "telemetry.telemetryLevel": "off" }));
  try {
    await runTests({
      extensionDevelopmentPath: repository,
      extensionTestsPath,
      extensionTestsEnv: { DEVLATCH_HOME: join(data, "home") },
      launchArgs: [
        folder,
        `--user-data-dir=${join(data, "user")}`,
        ...(trusted ? ["--disable-workspace-trust"] : []),
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ],
    });
  } finally {
    rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
