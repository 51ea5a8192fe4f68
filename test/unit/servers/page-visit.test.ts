import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Builds } from "../../../daemon/output/builds.ts";
import { visitPage } from "../../../daemon/servers/page-visit.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import type { SessionRecord } from "../../../shared/model/session.ts";
import { record } from "../language/texts.ts";

interface Served {
  readonly url: string;
  /** Paths, in the order they were asked for. */
  readonly asked: readonly string[];
}

/** A server of modules: each path with what it answers, or the status it fails with. */
async function serve(t: TestContext, files: Readonly<Record<string, string | number>>): Promise<Served> {
  const asked: string[] = [];
  const server = createServer(({ url = "/" }, response) => {
    asked.push(url);
    const found = files[url] ?? 404;
    const type = url === "/" ? "text/html" : "text/javascript";
    response.writeHead(typeof found === "number" ? found : 200, { "content-type": type });
    response.end(typeof found === "number" ? "" : found);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { url: `http://127.0.0.1:${address.port}`, asked };
}

/** @param file the app's index.html */
function visited(t: TestContext, framework: string, url: string, file = shell) {
  const cwd = mkdtempSync(join(tmpdir(), "devlatch-visit-"));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, "index.html"), file);
  const found: SessionRecord = {
    ...record("web", { command: [], cwd }, { ...ready, url }),
    framework,
  };
  const sessions = { all: () => [], peek: () => found, onChanged: new Emitter<never>().event };
  const builds = new Builds({
    ...{ machineId: "m", sessions, now: Date.now, packages: async () => new Map() },
    connect: () => Promise.reject(new Error("none")),
    thread: () => assert.fail("no output is read"),
  });
  t.after(() => builds.dispose());
  const limits = { graceMs: 1_000, signal: AbortSignal.timeout(10_000) };
  return visitPage({ builds, registry: sessions }, found, "/", limits);
}

const ready = { kind: "ready", since: 1, pid: 1, startTime: "1", port: 1, url: "" } as const;
const shell =
  '<head><script type="module" src="/@vite/client"></script></head><body><p></p><script type="module" src="/src/main.js"></script></body>';

test("of a server that hands out modules, what they import is loaded too, each once", async (t) => {
  const { url, asked } = await serve(t, {
    "/": shell,
    "/@vite/client": 'import "/@vite/env";',
    "/src/main.js": 'import "/src/deep.js"; import x from "/node_modules/.vite/deps/x.js?v=1";',
    "/src/deep.js": 'import y from "/src/main.js"; import "/src/deeper.js";',
    "/src/deeper.js": "export {};",
  });
  const visit = await visited(t, "vite", url);
  assert.equal(visit.kind, "answered");
  assert.deepEqual(asked, ["/", "/@vite/client", "/src/main.js", "/src/deep.js", "/src/deeper.js"]);
  assert.ok(visit.kind === "answered" && visit.isWhole);
  assert.deepEqual(visit.modules, ["/src/main.js", "/src/deep.js", "/src/deeper.js"]);
});

test("a module deep below the page that is broken is the visit's failure", async (t) => {
  const files = { "/": shell, "/src/main.js": 'import "/src/deep.js";', "/src/deep.js": 500 };
  const { url } = await serve(t, files);
  const visit = await visited(t, "sveltekit", url);
  assert.deepEqual(visit.kind === "failed" && [visit.status, visit.part], [500, "/src/deep.js"]);
});

test("modules without end are asked for up to a number", async (t) => {
  const main = Array.from({ length: 8 }, (_, index) => `import "/src/${index}/main.js";`).join("\n");
  const many = new Proxy<Record<string, string>>({}, { get: (_, path) => endless(String(path), main) });
  const { url, asked } = await serve(t, many);
  const visit = await visited(t, "vite", url);
  assert.deepEqual(visit.kind === "answered" && [visit.isWhole, asked.length], [false, 1 + 256]);
});

function endless(path: string, main: string): string {
  return path === "/" ? shell : main.replaceAll("/src/", `${path.replace("main.js", "")}`);
}

test("a page that leads out of the app's directory, to what a plugin makes, or to more than is read isn't whole", async (t) => {
  const mains = [
    'import "/@fs/linked/index.js";',
    'import "/@id/virtual:pages";',
    Array.from({ length: 65 }, (_, index) => `import "/src/${index}.js";`).join(" "),
    `${" ".repeat(256 * 1024)}import "/src/late.js";`,
    // Fewer characters than are searched, and more bytes than are kept.
    `/* ${"語".repeat(200_000)} */ import "/src/late.js";`,
  ];
  for (const main of mains) {
    const files = new Proxy<Record<string, string>>({ "/": shell, "/src/main.js": main }, { get: served });
    const visit = await visited(t, "vite", (await serve(t, files)).url);
    assert.equal(visit.kind === "answered" && visit.isWhole, false, main.slice(0, 40));
  }
  const refused = await serve(t, { "/": shell, "/src/main.js": 403 });
  const answer = await visited(t, "vite", refused.url);
  assert.equal(answer.kind === "answered" && answer.isWhole, false, "a module that is refused");
  const page = `${shell}<script type="module" src="/@id/virtual:app"></script>`;
  const { url } = await serve(t, { "/": page, "/src/main.js": "", "/@id/virtual:app": "" });
  const visit = await visited(t, "vite", url);
  assert.equal(visit.kind === "answered" && visit.isWhole, false);
});

function served(files: Readonly<Record<string, string>>, path: string | symbol): string {
  return files[String(path)] ?? "export {};";
}

test("a page that its server rendered, or that has no modules, doesn't tell of all", async (t) => {
  const files = { "/": shell, "/src/main.js": "" };
  const isWhole = async (answers: Readonly<Record<string, string>>, file?: string) => {
    const visit = await visited(t, "vite", (await serve(t, answers)).url, file);
    return visit.kind === "answered" && visit.isWhole;
  };
  assert.equal(await isWhole(files), true);
  assert.equal(await isWhole({ ...files, "/": shell.replace("<p>", "<p>rendered") }), false);
  assert.equal(await isWhole(files, "<p></p>"), false, "another file");
  assert.equal(await isWhole({ ...files, "/": shell.replace(/<\/?(?:head|body)>/g, "") }, "<p></p>"), true);
  assert.equal(await isWhole({ ...files, "/": "<body></body>" }, "<body></body>"), false);
  const spaced = shell.replace("<body>", "<body>\n  <script>one</script>\n").replace("</p>", "</p>\n");
  assert.equal(await isWhole(files, spaced), true, "blanks and scripts aside");
  const unended = `<body>${"<script".repeat(30_000)}`;
  assert.equal(await isWhole({ ...files, "/": `${unended}</body>` }, unended), false);
});

test("a page of VitePress that isn't there is no page, though the shell is answered for it", async (t) => {
  const { url } = await serve(t, { "/": "<!DOCTYPE html>", "/index.md?import": "<!DOCTYPE html>" });
  const visit = await visited(t, "vitepress", url);
  assert.ok(visit.kind === "answered" && visit.isMissing);
  const there = await serve(t, { "/": "<!DOCTYPE html>", "/index.md?import": "export {};" });
  const found = await visited(t, "vitepress", there.url);
  assert.ok(found.kind === "answered" && !found.isMissing);
});

test("of bundles, only what the page names is loaded", async (t) => {
  const { url, asked } = await serve(t, { "/": shell, "/src/main.js": 'import "/src/deep.js";' });
  assert.equal((await visited(t, "next", url)).kind, "answered");
  assert.deepEqual(asked, ["/", "/@vite/client", "/src/main.js"]);
});
