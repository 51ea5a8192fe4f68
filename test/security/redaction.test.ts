import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Redactor } from "../../shared/diagnostics/redact.ts";
import { cpuMs, linearCpuMs } from "../support/cpu.ts";

const redactor = new Redactor({
  secrets: ["known-secret"],
  directories: { "~": ["/home/jane"] },
  workspaces: ["/home/jane/shop"],
  users: ["jane"],
  hosts: ["janes-laptop"],
});

/** What a server may write so that the rules try everything: each part begins a rule and doesn't end it. */
const parts = [
  "token",
  "a.token-",
  "--token-",
  "-",
  "--",
  "-token",
  "token ",
  "token\\",
  "token=",
  "token:\n",
  'token="',
  'token="\\',
  "-----BEGIN ",
  "-----BEGIN PRIVATE KEY-----",
  "-----END ",
  "cookie",
  "cookie: ",
  "authorization:\n",
  "bearer ",
  "-eyJaaaaa",
  "eyJaaaaa.b.",
  "sk-",
  "ghp_",
  "a.",
  "a+",
  "a.b://",
  "://",
  "x://a:b",
  "a@",
  "a@b.",
  "b.1",
  "/home/",
  "/home",
  "f",
  "0123456789abcdef",
  "jane",
  "jane@",
  "/home/jane/",
  "[",
  "{",
  '"',
  "\\",
  " ",
];

describe("a hostile text costs the diagnostics its length", () => {
  for (const part of parts) {
    it(`of ${JSON.stringify(part)} again and again`, async () => {
      const long = part.repeat(Math.ceil(200_000 / part.length));
      for (const text of [long, `${long}\u0000`, `x${long}=`, `token${long}`, `--token${long}!`]) {
        const tookMs = await cpuMs(() => redactor.text(text));
        assert.ok(tookMs < linearCpuMs, `${JSON.stringify(text.slice(0, 20))} took ${Math.round(tookMs)} ms`);
      }
    });
  }
});

it("what hides a secret's name in a long word hides nothing", () => {
  const secret = "Tr0ub4dor";
  const long = "x".repeat(5_000);
  for (const text of [`${long}token=${secret}`, `${long}://a:${secret}@host/`, `--${long}-token=${secret}`])
    assert.ok(!redactor.text(text).includes(secret), text.slice(-60));
});
