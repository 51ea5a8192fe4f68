import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hiddenPartOf, insteadOf, markdownOf } from "../../../daemon/servers/hidden-part.ts";
import { record } from "../language/texts.ts";

test("a page of VitePress is the file that its client imports", () => {
  const imported = (path: string) => markdownOf(new URL(path, "http://localhost:5173")).href.slice(21);
  assert.equal(imported("/"), "/index.md?import");
  assert.equal(imported("/guide/"), "/guide/index.md?import");
  assert.equal(imported("/guide/start"), "/guide/start.md?import");
  assert.equal(imported("/guide/start.html?a=1#b"), "/guide/start.md?import");
});

test("other frameworks' pages name what they load", async () => {
  const page = new URL("http://localhost:5173/");
  for (const framework of ["vite", undefined])
    assert.equal(await hiddenPartOf(framework, page, AbortSignal.timeout(1_000)), undefined);
});

test("the first page of an Expo app is a phone's bundle, unless there is something to bundle it for the web with", async (t) => {
  const server = createServer((_request, response) => {
    const platforms = ["ios", "android", "web"];
    const launchAsset = { url: "http://10.0.0.2:1/index.bundle?platform=android" };
    response.setHeader("content-type", "application/expo+json");
    response.end(JSON.stringify({ launchAsset, extra: { expoClient: { platforms } } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "devlatch-web-")));
  t.after(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const cwd = join(directory, "apps/mobile");
  mkdirSync(cwd, { recursive: true });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const instead = async (path: string, framework = "expo") => {
    const found = { ...record("mobile", { command: [], cwd }), framework };
    return (await insteadOf(new URL(path, origin), found, t.signal))?.href;
  };
  assert.equal(await instead("/"), `${origin}/index.bundle?platform=android`);
  assert.equal(await instead("/status"), undefined);
  assert.equal(await instead("/", "next"), undefined);
  mkdirSync(join(directory, "node_modules/react-native-web"), { recursive: true });
  assert.equal(await instead("/"), undefined);
});
