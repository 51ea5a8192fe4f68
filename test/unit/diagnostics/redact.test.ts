import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fit } from "../../../shared/diagnostics/fit.ts";
import { type Known, Redactor } from "../../../shared/diagnostics/redact.ts";

const nothing: Known = { secrets: [], directories: {}, workspaces: [], users: [], hosts: [] };
const redactor = new Redactor(nothing);

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe("secrets that aren't known here", () => {
  const secret = "Tr0ub4dor-3x";
  const texts = [
    `devlatch run build -- deploy --token=${secret}`,
    `deploy --token ${secret} --verbose`,
    `deploy --api-key "${secret}" next`,
    `DB_PASSWORD='${secret}' node server.js`,
    `export GITHUB_TOKEN=${secret}`,
    `{"level":"info","password":"${secret}"}`,
    `said {\\"apiKey\\":\\"${secret}\\"} to it`,
    `client_secret: ${secret}`,
    `redis://:${secret}@127.0.0.1:6379/0`,
    `rediss://user:${secret}@redis.example.com`,
    `redis://:pa/ss${secret}@127.0.0.1:6379`,
    `connecting to postgres://admin:${secret}@db/prod?sslmode=require failed`,
    `Authorization: Bearer ${secret}`,
    `authorization: Basic ${secret}`,
    `curl -H 'Cookie: sid=1; session=${secret}' http://localhost:3000`,
    `Set-Cookie: sid=${secret}; HttpOnly`,
    `https://example.com/callback?access_token=${secret}&state=1`,
    `token ghp_${secret.replaceAll("-", "")}abcdefghijklmnop`,
    `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n-----END RSA PRIVATE KEY-----`,
    `key -----BEGIN PRIVATE KEY-----\n${secret}`,
  ];
  for (const text of texts) {
    it(`are taken out of ${JSON.stringify(text.replaceAll(secret, "…"))}`, () => {
      const redacted = redactor.text(text);
      assert.ok(!redacted.includes(secret), redacted);
      assert.ok(!redacted.includes(secret.replaceAll("-", "")), redacted);
    });
  }

  it("are taken out of structures by their key, out of commands by the flag before, and environments lose all values", () => {
    const value = {
      apiToken: secret,
      nested: [{ password: secret, pin: { authToken: 4711 } }],
      command: ["deploy", "--token", secret, "--fast"],
      env: { PLAIN: secret, NUMBER: secret },
      environment: [`PLAIN=${secret}`],
    };
    const redacted = JSON.stringify(redactor.value(value));
    assert.ok(!redacted.includes(secret) && !redacted.includes("4711"), redacted);
    assert.match(redacted, /"PLAIN":"<value>"/);
    assert.match(redacted, /"--fast"/);
  });
});

it("what is no secret stays readable", () => {
  const texts = [
    "Local: http://localhost:3000/@vite/client",
    "http://[::1]:8081/ answers",
    "dev_server_start:{sb_0123456789abcdef}:web is held by daemon 4711, starting web",
    "author: somebody, authored files",
    "session dev_server_web is ready at http://127.0.0.1:3000",
    "git@github.com:owner/name.git",
    "next@16.4.6 and @scope/name@1.0.0-beta.1, icon@2x.png",
  ];
  for (const text of texts) assert.equal(redactor.text(text), text);
});

it("names of people, machines and directories get stand-ins that keep apart what is different", () => {
  const known = new Redactor({
    ...nothing,
    directories: { "~": ["/home/jane"], "<devlatch>": ["/home/jane/.devlatch"] },
    workspaces: ["/home/jane/shop", "/home/jane/shop-2"],
    users: ["jane"],
    hosts: ["janes-laptop"],
  });
  assert.equal(
    known.text(
      "jane@janes-laptop: /home/jane/shop-2/a.js, /home/jane/shop, /home/jane/x, /home/jane/.devlatch/token.x",
    ),
    "<user>@<host>: <workspace-2>/a.js, <workspace-1>, ~/x, <devlatch>/token.x",
  );
  assert.equal(known.text("/home/bob/x C:\\Users\\Bob\\x"), "/home/<user>/x C:\\Users\\<user>\\x");
  assert.equal(known.text("JANES-LAPTOP"), "<host>");
  assert.equal(known.text("by Bob <bob.b@mail.example.com>"), "by Bob <<email>>");
  assert.deepEqual(known.value({ process: { user: "bob" }, machine: "bobs-box" }), {
    process: { user: "<user>" },
    machine: "<host>",
  });
});

it("the same id gets the same number, so that what belongs together is seen", () => {
  const [a, b] = ["0123456789abcdef0123456789abcdef", "f".repeat(64)];
  assert.match(redactor.text(`${a} ${b} ${a}`), /^<id-(\d+)> <id-(?!\1)\d+> <id-\1>$/);
});

it("known secrets are found wherever they stand: in URLs, in JSON, in JSON inside JSON, in keys", () => {
  const random = seeded(Number(process.env["DEVLATCH_SEED"] ?? 4711));
  const characters = "abcXYZ0189!#$%&()*+,-./:;<=>?@[]^_{|}~\"'\\ äß€";
  const word = (length: number) =>
    Array.from({ length }, () => [...characters][Math.floor(random() * [...characters].length)]).join("");
  for (let round = 0; round < 3_000; round++) {
    const secret = `s${word(6 + Math.floor(random() * 20))}e`;
    const known = new Redactor({ ...nothing, secrets: [secret] });
    const places = [
      `${word(5)}${secret}${word(5)}`,
      { [word(3)]: { deep: [secret, `${word(4)} ${secret}`] } },
      { [secret]: 1 },
      JSON.stringify({ said: secret }),
      JSON.stringify({ line: JSON.stringify({ said: `x${secret}` }) }),
      `http://example.com/?q=${encodeURIComponent(secret)}`,
      `  [broken ${JSON.stringify(secret)}`,
    ];
    for (const place of places) {
      const redacted = known.value(place);
      const text = typeof redacted === "string" ? redacted : JSON.stringify(redacted);
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
        assert.ok(!text.includes(form), `round ${round}: ${JSON.stringify(place)} became ${text}`);
      }
    }
  }
});

it("unknown secrets in command lines, headers, URLs and logs are found, whatever they are made of", () => {
  const random = seeded(Number(process.env["DEVLATCH_SEED"] ?? 815));
  const characters = [..."abcdefXYZ0123456789-_.~+%!*$^#:"];
  const pick = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T;
  const names = [
    "token",
    "TOKEN",
    "apiKey",
    "api-key",
    "DB_PASSWORD",
    "client_secret",
    "authToken",
    "passwd",
    "privateKey",
  ];
  for (let round = 0; round < 20_000; round++) {
    const length = 8 + Math.floor(random() * 24);
    const secret = `q${Array.from({ length }, () => pick(characters)).join("")}z`;
    const name = pick(names);
    const text = pick([
      `cmd --${name}=${secret} more`,
      `cmd --${name} ${secret} more`,
      `${name}=${secret} cmd`,
      `${name}: ${secret}`,
      `{"${name}":"${secret}","more":1}`,
      `x {\\"${name}\\": \\"${secret}\\"} y`,
      `${name}='${secret}'`,
      `${pick(["redis", "rediss", "postgres", "https"])}://${pick(["", "user"])}:${secret}@host:1/x`,
      `Authorization: Bearer ${secret}`,
      `-H "Authorization: Basic ${secret}"`,
    ]);
    const redacted = redactor.text(text);
    assert.ok(!redacted.includes(secret), `round ${round}: ${text} became ${redacted}`);
  }
});

it("a bundle that is too large loses the older half of its longest lists, and says so", () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index} ${"x".repeat(300)}`);
  const text = fit({ small: ["a", "b"], lines }, 500_000);
  assert.ok(Buffer.byteLength(text) <= 500_000);
  const bundle = JSON.parse(text) as { small: string[]; lines: string[] };
  assert.deepEqual(bundle.small, ["a", "b"]);
  assert.match(bundle.lines[0] ?? "", /older left out/);
  assert.match(bundle.lines.at(-1) ?? "", /^line 9999 /);
  assert.ok(Buffer.byteLength(fit({ one: "x".repeat(1_000_000) }, 500_000)) < 500_000);
});
