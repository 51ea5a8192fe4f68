import assert from "node:assert/strict";
import { test } from "node:test";
import type { ThreadPage } from "../../../shared/model/thread.ts";
import { freePort } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import type { Answer } from "../answer.ts";
import { openCase } from "./open-case.ts";

// Vite clears the screen before each of its messages: with as many empty lines as the terminal has rows.
test("what a cleared screen leaves empty is no output: the last lines are what was written", async (context) => {
  const opened = await openCase(context, "p01-vite-clearscreen-blank-lines", { modules: "vite" });
  const { url } = await opened.json<Answer>("start", "web", "--port", `${await freePort()}`);
  const last = async (limit: number) => {
    const { messages } = await opened.json<ThreadPage>("logs", "web", "--limit", `${limit}`);
    return messages.map(({ text }) => text);
  };
  await (await fetch(url)).text();
  let changes = 0;
  await waitFor("two updates in its output", async () => {
    await (await fetch(new URL("/main.js", url))).text();
    await opened.write("main.js", `console.log(${changes++});\n`);
    return (await last(200)).filter((text) => /page reload main\.js/.test(text)).length >= 2;
  });
  const lines = await last(12);
  assert.ok(
    lines.some((text) => /Local: +http/.test(text)),
    lines.join("\n"),
  );
  assert.ok(lines.filter((text) => text.trim() === "").length <= 4, lines.join("\n"));
  const { stdout } = await opened.run("logs", "web", "--limit", "4");
  assert.doesNotMatch(stdout, /\n\s*\n\s*\n\s*\n/);
});
