import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { DiagnosticSeverity } from "vscode-languageserver/node";
import { diagnose } from "../../../daemon/language/diagnostics.ts";
import { project } from "../detect/project.ts";
import { open, said, textIn } from "./texts.ts";

/** Where nothing is: the text alone counts. */
const nowhere = "/nowhere/devlatch.json";

const marked: readonly (readonly [claim: string, text: string, underlined: string, message: RegExp])[] = [
  [
    "an unknown key",
    '{ "aps": {} }',
    '"aps"',
    /^Unknown key "aps" in the file\. Remove it, or use one of: .*apps/,
  ],
  [
    "an unknown key of an app",
    '{"apps": {"web": {"prot": 1}}}',
    '"prot"',
    /^Unknown key "prot" in apps\.web/,
  ],
  ["a name that can't be one", '{"apps": {"Web": {}}}', '"Web"', /^The name "Web" in apps/],
  [
    "a value of the wrong type",
    '{"apps": {"web": {"port": "3000"}}}',
    '"3000"',
    /^apps\.web\.port: expected number/,
  ],
  ["a value out of range", '{"apps": {"web": {"port": 70000}}}', "70000", /65535/],
  [
    "a wrong value in a line of its own",
    '{\n  "apps": {\n    "web": {\n\t"env": { "A": 1 }\n}}}',
    "1",
    /env\.A/,
  ],
  [
    "an operator of a shell",
    '{"apps": {"web": {"command": "a && b"}}}',
    "&&",
    /needs a shell for &&.*package\.json/,
  ],
  ["a pipe at the end", '{"apps": {"web": {"command": "next dev | tee"}}}', "|", /needs a shell for \|/],
  ["a redirection", '{"apps": {"web": {"command": "next dev 2>&1"}}}', ">&", /needs a shell for >&/],
  [
    "a variable inside a word",
    '{"apps": {"web": {"command": "next -p $PORT"}}}',
    "$PORT",
    /needs a shell for \$PORT/,
  ],
  [
    "an operator behind escapes",
    '{"apps": {"web": {"command": "a \\"b\\" \\u0063 ; d"}}}',
    ";",
    /needs a shell for ;/,
  ],
  ["a line break", '{"apps": {"web": {"command": "a\\nb"}}}', "\\n", /a line break/],
  [
    "an open quote, to the end",
    `{"apps": {"web": {"command": "next 'dev"}}}`,
    "'dev",
    /has a ' that is never closed/,
  ],
  ["a command without a program", '{"apps": {"web": {"command": ["A=1"]}}}', '["A=1"]', /names no program/],
];

for (const [claim, text, underlined, message] of marked) {
  test(`${claim} is underlined, and nothing else`, async () => {
    const document = open(nowhere, text);
    const diagnostics = await diagnose(document);
    assert.deepEqual(
      diagnostics.map(({ range }) => textIn(document, range)),
      [underlined],
    );
    assert.match(String(diagnostics[0]?.message), message);
    assert.equal(diagnostics[0]?.severity, DiagnosticSeverity.Error);
    assert.equal(diagnostics[0]?.source, "Devlatch");
  });
}

test("every mistake of a file is marked at once, each by itself", async () => {
  const document = open(
    nowhere,
    '{\n  "x": 1, "y": 2,\n  "apps": {\n    "web": { "port": "a" },\n    "api": { "command": "a | b" }\n  }\n}',
  );
  const underlined = (await diagnose(document)).map(({ range }) => textIn(document, range));
  assert.deepEqual(underlined.sort(), ['"a"', '"x"', '"y"', "|"].sort());
});

test("apps with one port warn of each other, and point at each other", async () => {
  const document = open(
    nowhere,
    '{"apps": {"web": {"port": 3000}, "api": {"port": 3000}, "docs": {"port": 3001}}}',
  );
  const diagnostics = await diagnose(document);
  assert.deepEqual(
    diagnostics.map(({ severity, relatedInformation }) => [severity, relatedInformation?.length]),
    [
      [DiagnosticSeverity.Warning, 1],
      [DiagnosticSeverity.Warning, 1],
    ],
  );
  assert.match(String(diagnostics[0]?.message), /apps\.web has the same port as api/);
  assert.deepEqual(diagnostics[0]?.relatedInformation?.[0]?.location.range, diagnostics[1]?.range);
});

test("a directory that isn't there is marked; one that is there, and a file, are told apart", async (t) => {
  const root = await project(t, { "apps/web/index.html": "", "notes.txt": "" });
  const cwds = { web: "apps/web", root: ".", gone: "apps/gone", file: "notes.txt" };
  const apps = Object.fromEntries(Object.entries(cwds).map(([app, cwd]) => [app, { cwd }]));
  const document = open(join(root, "devlatch.json"), { apps });
  const found = said(document, await diagnose(document));
  assert.deepEqual(
    found.map(([text]) => text),
    ['"apps/gone"', '"notes.txt"'],
  );
  assert.match(found[0]?.[1] ?? "", /apps\/gone doesn't exist/);
  assert.match(found[1]?.[1] ?? "", /isn't a directory/);
});

test("the text counts, not what is saved", async (t) => {
  const root = await project(t, { "devlatch.json": { apps: { web: { port: "wrong" } } } });
  assert.deepEqual(await diagnose(open(join(root, "devlatch.json"), { apps: { web: { port: 1 } } })), []);
});

test("a text in the middle of typing keeps the marks of what stands, and gets none for what is missing yet", async () => {
  const halves = ['{"apps": {"web": {"port": ', '{"apps": {"web": {"por', "{", "", "//"];
  for (const text of halves) assert.deepEqual(await diagnose(open(nowhere, text)), [], text);
  const document = open(nowhere, '{"apps": {"web": {"prot": 1, "port": ');
  assert.deepEqual(
    said(document, await diagnose(document)).map(([text]) => text),
    ['"prot"'],
  );
});

test("comments, trailing commas and a good file have no marks", async () => {
  const text = '{\n  // ours\n  "apps": { "api": { "command": "node api.js", "port": 4000, }, },\n}';
  assert.deepEqual(await diagnose(open(nowhere, text)), []);
});

test("characters outside the basic plane count as two, as the editor counts them", async () => {
  const document = open(nowhere, '{ /* 🚀 */ "x": 1 }');
  assert.deepEqual((await diagnose(document))[0]?.range.start, { line: 0, character: 11 });
});

test("other files are none of our business", async () => {
  for (const file of ["/a/package.json", "/a/node_modules/b/devlatch.json", "/a/devlatch.json.bak"]) {
    assert.deepEqual(await diagnose(open(file, '{"x": 1}')), [], file);
  }
});

test("what the editor marks in every JSON file isn't marked once more", async () => {
  assert.deepEqual(await diagnose(open(nowhere, '{"sandbox": "a", "sandbox": "b"}')), []);
});
