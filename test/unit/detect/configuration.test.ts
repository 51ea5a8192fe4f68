import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { Believed } from "../../../daemon/detect/believed.ts";
import { readConfig } from "../../../daemon/detect/config-file.ts";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { splitCommandLine } from "../../../daemon/detect/shell-list.ts";
import type { ErrorShape } from "../../../shared/base/errors.ts";
import { configJsonSchema } from "../../../shared/model/config.ts";
import { project } from "./project.ts";

/** Each broken file, where it is broken (line:column), and what must be said. */
const broken: readonly (readonly [name: string, text: string, place: string, said: RegExp])[] = [
  ["a missing comma", '{\n  "sandbox": "a"\n  "apps": {}\n}', "3:3", /comma expected/],
  ["a file that ends early", '{\n  "apps": {', "2:12", /expected/],
  ["something that isn't JSON", "apps: web", "1:1", /invalid symbol/],
  ["an array", "[]", "1:1", /expected object, received array/],
  ["an unknown key", '{\n  "app": {}\n}', "2:3", /unknown key "app" in the file/],
  [
    "an unknown key of an app",
    '{\n  // the shop\n  "apps": {\n    "web": { "port": 1, "prot": 2 }\n  }\n}',
    "4:25",
    /unknown key "prot" in apps\.web/,
  ],
  ["an app's name that can't be one", '{"apps": {"Web": {}}}', "1:11", /the name "Web" in apps/],
  ["a port as text", '{"apps": {"web": {"port": "3000"}}}', "1:27", /apps\.web\.port.*expected number/],
  ["a port out of range", '{"apps": {"web": {"port": 70000}}}', "1:27", /apps\.web\.port.*65535/],
  ["a number in env", '{"apps": {"web": {"env": {"A": 1}}}}', "1:32", /apps\.web\.env\.A.*expected string/],
  [
    "a readiness path without a slash",
    '{"apps":{"web":{"ready":{"http":"up"}}}}',
    "1:33",
    /ready\.http.*"\/"/,
  ],
  [
    "an unknown kind of readiness",
    '{"apps":{"web":{"ready":{"htp":"/"}}}}',
    "1:26",
    /unknown key "htp" in apps\.web\.ready/,
  ],
  [
    "a readiness of the wrong type",
    '{"apps":{"web":{"ready":"/"}}}',
    "1:25",
    /apps\.web\.ready: expected object/,
  ],
  ["a signal that isn't one", '{"apps":{"web":{"stopSignal":"KILL"}}}', "1:30", /stopSignal.*SIGTERM/],
  [
    "a command that is a number",
    '{"apps":{"web":{"command":3}}}',
    "1:27",
    /must be a command line, or an array/,
  ],
  ["an empty command", '{"apps":{"web":{"command":[]}}}', "1:27", /apps\.web\.command/],
  ["a command of blanks", '{"apps":{"web":{"command":"  "}}}', "1:27", /apps\.web\.command/],
  ["a command without a program", '{"apps":{"web":{"command":["PORT=1"]}}}', "1:27", /names no program/],
  ["an open quote", '{"apps":{"web":{"command":"next \'dev"}}}', "1:33", /has a ' that is never closed/],
  [
    "an app that waits for itself by way of another",
    '{"apps":{"a":{"dependsOn":["b"]},\n"b":{"dependsOn":["a"]}}}',
    "2:19",
    /apps wait for each other in a circle: a → b → a/,
  ],
  ["an app that waits for itself", '{"apps":{"a":{"dependsOn":["a"]}}}', "1:28", /apps\.a depends on itself/],
  [
    "a command of what runs elsewhere",
    '{"apps":{"db":{"external":{"tcp":5432},"command":"x"}}}',
    "1:50",
    /apps\.db\.command: doesn't go with "external"/,
  ],
  [
    "an unknown key of the setup",
    '{\n  "setup": {"command": "npm ci", "input": []}\n}',
    "2:34",
    /unknown key "input" in setup.*/,
  ],
  ["a setup without a command", '{\n  "setup": {}\n}', "2:12", /setup\.command: must be a command line/],
  [
    "a setup that needs a shell",
    '{\n  "setup": {"command": "npm ci && npm run db"}\n}',
    "2:32",
    /setup\.command needs a shell for &&/,
  ],
  [
    "inputs of a teardown",
    '{\n  "teardown": {"command": "x", "inputs": []}\n}',
    "2:32",
    /unknown key "inputs" in teardown/,
  ],
  [
    "an unknown key of limits",
    '{\n  "apps": {"web": {"limits": {"memory": 5}}}\n}',
    "2:31",
    /unknown key "memory" in apps\.web\.limits/,
  ],
  [
    "an unknown key of what runs elsewhere",
    '{"apps":{"db":{"external":{"tcp":1,"udp":1}}}}',
    "1:36",
    /unknown key "udp" in apps\.db\.external/,
  ],
  [
    "a host that is none",
    '{"apps":{"db":{"external":{"tcp":1,"host":"a b"}}}}',
    "1:43",
    /must be a host name or an address/,
  ],
  [
    "a task without a command",
    '{"apps":{"t":{"kind":"task"}}}',
    "1:22",
    /is a task, which needs a "command"/,
  ],
  [
    "a task with a port",
    '{"apps":{"t":{"kind":"task","command":"x","port":1}}}',
    "1:50",
    /apps\.t\.port: doesn't go with a task/,
  ],
  [
    "inputs of a server",
    '{"apps":{"t":{"command":"x","inputs":[]}}}',
    "1:38",
    /is for a "kind" of task only/,
  ],
  [
    "a pattern that costs too much",
    `{"apps":{"t":{"kind":"task","command":"x","inputs":["${"*a".repeat(13)}"]}}}`,
    "1:53",
    /must be a relative path/,
  ],
  ["an id with blanks", '{"sandbox": "team box"}', "1:13", /sandbox: has only letters/],
  [
    "a time without use that is too short",
    '{"apps":{"web":{"stopWhenUnused":{"afterMs":5}}}}',
    "1:45",
    /stopWhenUnused\.afterMs: .*>=100/,
  ],
  [
    "the same key twice",
    '{"apps": {"web": {"port": 1},\n "web": {"port": 2}}}',
    "2:2",
    /the key "web" is given twice/,
  ],
];

async function problemOf(directory: string): Promise<ErrorShape> {
  const file = await readConfig(directory, new Believed(directory, undefined));
  assert.equal(file.kind, "invalid");
  return file.kind === "invalid" ? file.problem : assert.fail();
}

describe("devlatch.json that can't be used is refused with file, line, column and a remedy", () => {
  for (const [name, text, place, said] of broken) {
    it(name, async (t) => {
      const root = await project(t, { "devlatch.json": text });
      const problem = await problemOf(root);
      const [line, column] = place.split(":").map(Number);
      assert.equal(problem.code, "CONFIG_INVALID");
      assert.ok(problem.message.startsWith(`${join(root, "devlatch.json")}:${place}: `), problem.message);
      assert.match(problem.message, said);
      assert.notEqual(problem.remedy, "");
      assert.deepEqual(problem.data, { file: join(root, "devlatch.json"), line, column });
    });
  }

  for (const operator of ["&&", "||", "|", ";", "&", ">", "<", "$PORT", "`date`", "$(date)", "*", "~/x"]) {
    it(`a command line that needs a shell for ${operator}`, async (t) => {
      const command = `next dev ${operator} log`;
      const root = await project(t, { "devlatch.json": { apps: { web: { command } } } });
      const problem = await problemOf(root);
      assert.match(problem.message, /:4:\d+: apps\.web\.command needs a shell for /);
      assert.match(problem.remedy, /package\.json.*\["sh", "-c", "next dev /);
    });
  }

  it("an empty file", async (t) => {
    const problem = await problemOf(await project(t, { "devlatch.json": " \n" }));
    assert.match(problem.message, /devlatch\.json is empty/);
  });

  it("a directory of that name", async (t) => {
    const root = await project(t, {});
    await mkdir(join(root, "devlatch.json"));
    assert.match((await problemOf(root)).message, /is a directory, not a file/);
  });

  it("UTF-16 and bytes that are no text", async (t) => {
    const root = await project(t, {});
    await writeFile(join(root, "devlatch.json"), Buffer.from("\ufeff{}", "utf16le"));
    assert.match((await problemOf(root)).message, /UTF-16/);
    await writeFile(join(root, "devlatch.json"), Buffer.from([0x7b, 0xff, 0x7d]));
    assert.match((await problemOf(root)).message, /isn't valid UTF-8/);
  });

  it("a file without read permission", { skip: process.getuid?.() === 0 && "root reads all" }, async (t) => {
    const root = await project(t, { "devlatch.json": "{}" });
    await chmod(join(root, "devlatch.json"), 0);
    assert.match((await problemOf(root)).message, /permission denied/);
  });

  it("and plan says so, also with a command of the caller's own", async (t) => {
    const root = await project(t, { "devlatch.json": '{"apps": 1}' });
    const { plan } = createWorkspace();
    await assert.rejects(plan({ cwd: root, app: "web", command: ["next", "dev"] }), {
      code: "CONFIG_INVALID",
    });
  });
});

describe("devlatch.json is read as people write it", () => {
  it("with comments, trailing commas and a byte order mark", async (t) => {
    const text =
      '\ufeff{\n  // ours\n  "apps": { "api": { "command": "node api.js", /* fixed */ "port": 4000, }, },\n}';
    const root = await project(t, { "devlatch.json": text });
    const file = await readConfig(root, new Believed(root, undefined));
    assert.equal(file.kind, "config");
    if (file.kind !== "config") return;
    assert.deepEqual(file.config.apps.get("api"), { command: ["node", "api.js"], port: 4000, env: {} });
  });

  it("and counts columns without the byte order mark", async (t) => {
    const problem = await problemOf(await project(t, { "devlatch.json": '\ufeff{"app": 1}' }));
    assert.match(problem.message, /devlatch\.json:1:2: unknown key/);
  });

  const lines: readonly (readonly [string, readonly string[]])[] = [
    ["pnpm dev", ["pnpm", "dev"]],
    ["  node   server.js\t--x ", ["node", "server.js", "--x"]],
    [`node "my server.js" 'a "b"' c\\ d`, ["node", "my server.js", 'a "b"', "c d"]],
    [`x "a \\"b\\" \\$HOME \\n" ''`, ["x", 'a "b" $HOME \\n', ""]],
    [`x 'it'"'"'s' a"b"c`, ["x", "it's", "abc"]],
    ["x '&&' \";\" \\| '$PORT' '*' a#b", ["x", "&&", ";", "|", "$PORT", "*", "a#b"]],
    ["x --url=http://localhost:3000/a", ["x", "--url=http://localhost:3000/a"]],
    ["x # and why", ["x"]],
  ];
  for (const [line, words] of lines) {
    it(`splits ${line}`, () => {
      assert.deepEqual(splitCommandLine(line), { kind: "words", words, env: {} });
    });
  }

  it("takes leading assignments as environment, less weighty than env itself", async (t) => {
    const web = { command: 'A=1 B="2 3" next dev', env: { A: "0" } };
    const root = await project(t, { "devlatch.json": { apps: { web } } });
    const { command, env } = await createWorkspace().plan({ cwd: root, app: "web" });
    assert.deepEqual({ command, env }, { command: ["next", "dev"], env: { A: "0", B: "2 3" } });
  });

  it("splits any words that were quoted into the same words", async () => {
    await fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (args) => {
        const words = ["x", ...args];
        const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
        assert.deepEqual(splitCommandLine(line), { kind: "words", words, env: {} });
      }),
    );
  });

  it("never throws while splitting", async () => {
    const piece = fc.constantFrom(..."ab '\"\\$(){}`|&;<>*?[~#=\n\t");
    await fc.assert(
      fc.property(fc.string({ unit: piece }), (line) => {
        assert.equal(typeof splitCommandLine(line).kind, "string");
      }),
    );
  });
});

describe("the schema for editors", () => {
  it("knows every key, allows comments, and marks nothing: that is told once, by the daemon", () => {
    const text = JSON.stringify(configJsonSchema());
    const schema = JSON.parse(text) as {
      properties: Record<string, { additionalProperties?: { properties: object } }>;
      allowComments: boolean;
      required?: string[];
    };
    const marking =
      /"(?:required|type|pattern|minimum|exclusiveMinimum|maxLength|minItems|enum|const)":(?!\{)/;
    assert.doesNotMatch(text, marking);
    assert.doesNotMatch(text, /"additionalProperties":false/);
    assert.match(text, /"examples":\["never","on-failure"/, "what can stand there is offered");
    assert.deepEqual(Object.keys(schema.properties), [
      "$schema",
      "sandbox",
      "apps",
      "setup",
      "teardown",
      "sandboxes",
    ]);
    const app = schema.properties["apps"]?.additionalProperties;
    assert.deepEqual(Object.keys(app?.properties ?? {}), [
      "command",
      "cwd",
      "port",
      "env",
      "ready",
      "restart",
      "stopSignal",
      "stopTimeoutMs",
      "stopWhenUnused",
      "stopAfterAgents",
      "limits",
      "dependsOn",
      "kind",
      "inputs",
      "external",
    ]);
    assert.equal(schema.allowComments, true);
    assert.equal(schema.required, undefined);
  });
});
