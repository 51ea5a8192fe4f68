import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Developer } from "../../support/developer.ts";
import { createHome } from "../../support/home.ts";
import { type DjangoEnvironment, needDjango } from "../../support/install/django.ts";
import { freePort } from "../../support/ports.ts";
import { prepareCase } from "../../support/projects.ts";
import { waitFor } from "../../support/wait.ts";

const missing: string[] = [];
const django: DjangoEnvironment = await needDjango().catch((error: Error) => {
  missing.push(`Django can't be had here: ${error.message}`);
  return {};
});
const skip = missing[0] ?? false;

async function project(context: TestContext): Promise<Developer> {
  const cwd = await prepareCase("24-django", context);
  return new Developer(createHome(context), cwd, { ...django, PYTHONDONTWRITEBYTECODE: "1" });
}

const urls = (answer: string) => `from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda r: HttpResponse("${answer}"))]
`;

// It was no dev server, took no port by flag, and a module that didn't parse was a clean build.
test("Django's server is known without a word, takes a port, is followed over its reloads and ends whole", {
  skip,
}, async (context) => {
  const developer = await project(context);
  const port = await freePort();
  const started = await developer.start("web", "--port", String(port));
  assert.deepEqual([started.outcome, started.port], ["started", port]);
  assert.equal(await (await fetch(started.url)).text(), "django2");
  assert.equal((await developer.start("web", "--port", String(port))).outcome, "reused");
  const word = await developer.asks<{ framework: string; port: number }>(
    ...["detect", "--", "python3", "manage.py", "runserver"],
  );
  assert.deepEqual([word.framework, word.port], ["django", 8000]);

  developer.put("urls.py", urls("changed"));
  assert.equal((await developer.wait("web")).status, "clean");
  assert.equal(await (await fetch(started.url)).text(), "changed");
  developer.put("urls.py", urls("broken").replace("urlpatterns = [", "urlpatterns = [["));
  const broken = await developer.wait("web");
  assert.equal(broken.code, 1, JSON.stringify(broken));
  assert.match(broken.first, /urls\.py:\d .*SyntaxError/);
  // Django's reloader misses what is saved before its first look at the files, which follows the error.
  await waitFor("a reload of the mended file", async () => {
    developer.put("urls.py", urls("mended"));
    const { status } = await developer.wait("web");
    assert.notEqual(status, "failed");
    return status === "clean";
  });
  assert.equal(await (await fetch(started.url)).text(), "mended");

  developer.put("urls.py", urls("x").replace('HttpResponse("x")', "nothing"));
  const raised = await developer.wait("web", "--visit", "/");
  assert.equal(raised.code, 1, JSON.stringify(raised));
  assert.match(raised.first, /urls\.py:3 .*NameError/);
  await developer.stopsWhole("web", port);
});

// `runserver` takes its port as an argument and reads no PORT: one of devlatch.json was not taken.
for (const command of [
  "python3 manage.py runserver",
  "python3 manage.py runserver 127.0.0.1:8000",
  "python3 manage.py runserver --noreload {port}",
])
  test(`the port of devlatch.json is taken by: ${command}`, { skip }, async (context) => {
    const developer = await project(context);
    const port = await freePort();
    developer.put("devlatch.json", JSON.stringify({ apps: { dj: { command, port } } }));
    const started = await developer.start("dj");
    assert.equal(started.port, port);
    assert.equal(await (await fetch(started.url)).text(), "django2");
    await developer.stopsWhole("dj", port);
  });
