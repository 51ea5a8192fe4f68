import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../support/wait.ts";
import type { Desk } from "./desk.ts";
import type { VsCodeWindow } from "./support/window.ts";
import { dialog, pickInMenu, statusShows } from "./window-parts.ts";

/** Takes its time before it listens. */
const slowServer = `
const { createServer } = require("node:http");
const server = createServer((_request, response) => response.end("Hello from slow"));
setTimeout(() => server.listen(process.env.PORT, "127.0.0.1"), 1_500);
`;

/** What is debugged: it needs the server at once, and asks a single time. */
const client = `
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");
fetch(process.env.SERVER)
  .then((response) => response.text(), (error) => String(error.cause ?? error))
  .then((answer) => writeFileSync(join(__dirname, "client.txt"), answer));
`;

/** F5 begins what is debugged once the server that its launch configuration names is ready; where that fails the editor asks. */
export async function launchAfterTask(desk: Desk, window: VsCodeWindow): Promise<void> {
  const { folder, port } = desk;
  const answer = join(folder, "client.txt");
  writeFileSync(join(folder, "slow.cjs"), slowServer);
  writeFileSync(join(folder, "client.cjs"), client);
  mkdirSync(join(folder, ".vscode"), { recursive: true });
  const configuration = {
    ...{ type: "node", request: "launch", name: "Client", program: join(folder, "client.cjs") },
    ...{ preLaunchTask: "devlatch: web", env: { SERVER: `http://127.0.0.1:${port}/` } },
  };
  const launch = { version: "0.2.0", configurations: [configuration] };
  writeFileSync(join(folder, ".vscode/launch.json"), JSON.stringify(launch));

  desk.configure({ command: "node slow.cjs" });
  await window.page.keyboard.press("F5");
  await waitFor(
    "what is debugged to have asked",
    () => existsSync(answer) && readFileSync(answer, "utf8") !== "",
  );
  assert.equal(readFileSync(answer, "utf8"), "Hello from slow");
  await window.page.locator(".debug-toolbar").waitFor({ state: "hidden" });
  await pickInMenu(window, "web", "Stop");
  await statusShows(window, "web", /^\s*web\s*$/);

  writeFileSync(answer, "nothing yet");
  desk.configure({ command: ["node", "-e", "throw new Error('no database')"] });
  await window.page.keyboard.press("F5");
  await dialog(window)
    .getByText(/preLaunchTask 'devlatch: web'/)
    .waitFor();
  await window.screenshot("task-failed");
  const said = await window.page.locator(".xterm-rows").allTextContents();
  assert.match(said.join("\n"), /Error: no database/);
  await dialog(window).getByRole("button", { name: "Abort" }).click();
  await dialog(window).waitFor({ state: "hidden" });
  assert.equal(readFileSync(answer, "utf8"), "nothing yet");
}
