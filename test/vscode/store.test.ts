import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startProgram } from "../support/child.ts";
import { runCli } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { startRedis } from "../support/redis.ts";
import { startVsCode } from "./support/server.ts";
import { dialog, notification, row, showSideBar, statusItem, statusShows, unfold } from "./window-parts.ts";

const lockOwner = new URL("../integration/monitor/lock-owner.ts", import.meta.url).pathname;
const register = new URL("../support/register.mjs", import.meta.url).href;

/** A window whose daemon shares its work through a Redis of this test. */
async function windowOnRedis(t: TestContext) {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const home = createHome(t);
  const folder = await prepareProject("plain", t);
  const apps = { web: { port: await freePort() } };
  writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ sandbox: "team-box", apps }));
  const started = await runCli(["daemon", "start"], { home, env: { DEVLATCH_REDIS_URL: redis.url } });
  assert.equal(started.code, 0, started.stderr);
  const vscode = await startVsCode(t, {
    env: { DEVLATCH_HOME: home.directory },
    trusted: true,
    settings: {},
  });
  const window = await vscode.openWindow({ folder, extension: repository });
  await statusShows(window, "web", /web/);
  return { redis, home, window };
}

// One window for both: it takes longer than what is tried in it.
test("a lock is broken from its row after a dialog that says who holds it; while Redis is away the status bar warns, and it recovers", async (t) => {
  const { redis, window } = await windowOnRedis(t);
  // It holds the lock as long as the other one, which no one takes, isn't held too.
  const words = ["--import", register, lockOwner, redis.url, "fight:{box}:web", "other:{box}:web", "2"];
  const owner = await startProgram(process.execPath, words);
  t.after(() => owner.process.kill("SIGKILL"));
  await showSideBar(window);
  await unfold(window, "Locks");
  await row(window, "fight web").waitFor();
  await row(window, "fight web").click({ button: "right" });
  // The menu takes a click that comes right after it opened for the end of the one that opened it.
  await window.page.locator(".monaco-menu").getByText("Break Lock…").hover();
  await window.page.keyboard.press("Enter");
  const box = dialog(window);
  await box.getByText("Take the lock").waitFor();
  const text = (await box.textContent()) ?? "";
  assert.match(text, /owner of fight.*renewed it .* ago, so it lives/s);
  await window.screenshot("break-lock");
  await box.getByRole("button", { name: "Break It" }).click();
  await notification(window, "was taken from");
  await row(window, "fight web").waitFor({ state: "detached" });
  owner.process.kill("SIGKILL");

  const labelled = (text: string) =>
    statusItem(window, "web").locator(`xpath=self::*[contains(@aria-label, "${text}")]`);
  await redis.kill();
  await labelled("the store of locks can't be used").waitFor();
  await statusItem(window, "web").hover();
  await window.page.locator(".monaco-hover").getByText("nothing new is started").waitFor();
  await window.screenshot("store-away");
  await redis.restart();
  await labelled("web, stopped").waitFor();
});
