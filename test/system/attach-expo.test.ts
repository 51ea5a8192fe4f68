import assert from "node:assert/strict";
import { test } from "node:test";
import { leftToCampaign } from "../support/campaign.ts";
import { commandLine } from "../support/cli.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import { freePort } from "../support/ports.ts";
import { prepareProject } from "../support/projects.ts";
import { openTerminal } from "../support/terminal.ts";

test("Expo's QR code and its keys are there for one that attaches", { skip: leftToCampaign }, async (t) => {
  const cwd = await prepareProject("expo", t);
  const home = createHome(t);
  const options = {
    home,
    // In a CI Expo asks nothing and takes no keys.
    env: { EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1", CI: undefined },
    timeoutMs: 180_000,
  };
  const port = await freePort();
  await runJson(["start", "mobile", "--port", String(port), "--cwd", cwd], options);
  const command = `'${process.execPath}' '${commandLine}' attach mobile --cwd '${cwd}'; echo "code $?"`;
  const terminal = openTerminal(command, { home, owner: t });
  await terminal.shows("devlatch: attached to mobile");
  // Half blocks: two rows of the code's squares in one of the terminal's.
  await terminal.shows(/[▄▀█]{10}/);
  await terminal.shows(`:${port}`);
  await terminal.shows(/show all commands/);
  terminal.type("?");
  // Only the long list has this key.
  await terminal.shows("shift+a");
  terminal.type("\u001d");
  await terminal.shows("devlatch: detached from mobile, which runs on");
  await terminal.shows("code 0");
  assert.equal(await terminal.ended(), 0);
  await runJson(["stop", "mobile", "--cwd", cwd], options);
});
