import assert from "node:assert/strict";
import { test } from "node:test";
import { Consent } from "../../../daemon/mcp/questions.ts";

const stop = { message: "Claude Code wants to stop web. It is also used by VS Code.", agree: "Stop it" };
const other = { ...stop, message: `${stop.message} And by Codex.` };

async function keyOf(): Promise<string> {
  const first = new Consent(undefined);
  await assert.rejects(first.ask(stop), { code: "CONSENT_REQUIRED" });
  const [[key, asked] = ["", undefined]] = Object.entries(first.asked?.inputRequests ?? {});
  assert.equal(asked?.method, "elicitation/create");
  assert.equal(asked.params.message, stop.message);
  return key;
}

test("a person's yes counts for the very words that were shown, and for no others", async () => {
  const key = await keyOf();
  const yes = { [key]: { action: "accept", content: { agree: true } } };
  assert.equal(await new Consent(yes).ask(stop), true);
  const again = new Consent(yes);
  await assert.rejects(again.ask(other), { code: "CONSENT_REQUIRED" });
  assert.ok(again.asked, "it is asked anew");
});

test("anything but a clear yes is a no", async () => {
  const key = await keyOf();
  for (const answer of [
    { action: "accept", content: { agree: false } },
    { action: "accept", content: { agree: "true" } },
    { action: "accept" },
    { action: "decline", content: { agree: true } },
    { action: "cancel" },
  ])
    assert.equal(await new Consent({ [key]: answer }).ask(stop), false, JSON.stringify(answer));
});
