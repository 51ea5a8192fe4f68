import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { OutputEventPage } from "../../shared/model/output.ts";
import type { BuildWaitResult } from "../../shared/protocol/builds.ts";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { type CliOptions, runCli } from "../support/cli.ts";
import { connectTo } from "../support/daemon.ts";
import { createHome } from "../support/home.ts";
import { runJson } from "../support/json.ts";
import type { Owner } from "../support/owner.ts";
import { freePort } from "../support/ports.ts";
import { type ProjectName, prepareProject } from "../support/projects.ts";
import { waitFor } from "../support/wait.ts";
import type { Answer } from "./answer.ts";

const env = { NEXT_TELEMETRY_DISABLED: "1" };

/** A started server whose files are broken and mended. */
async function started(owner: Owner, project: ProjectName, files: Readonly<Record<string, string>> = {}) {
  const home = createHome(owner);
  const cwd = await prepareProject(project, owner);
  const write = (file: string, text: string) => writeFileSync(join(cwd, file), text);
  for (const [file, text] of Object.entries(files)) write(file, text);
  const options: CliOptions = { home, env, timeoutMs: 180_000 };
  const port = await freePort();
  const { url } = await runJson<Answer>(["start", "web", "--port", String(port), "--cwd", cwd], options);
  const wait = async (...flags: string[]) => {
    const result = await runCli(["wait", "web", "--json", "--cwd", cwd, ...flags], options);
    return { code: result.code, ...(result.json as BuildWaitResult) };
  };
  return { home, cwd, url, write, wait, options };
}

/** What is wrong where, as a person would point at it. */
function places({ errors }: BuildWaitResult, cwd: string): string[] {
  return errors.map(({ place }) => `${place?.file.replace(`${cwd}/`, "")}:${place?.line}:${place?.column}`);
}

test("Next: a page that is broken is a failed build with file and line, and a mended one is clean", async (context) => {
  const { cwd, write, wait, options } = await started(context, "next");
  const good = "export default function Page() {\n  return <h1>Hello from next</h1>;\n}\n";
  const clean = await wait("--visit", "/");
  assert.deepEqual([clean.code, clean.status, clean.errors], [0, "clean", []]);

  write("app/page.js", "export default function Page() {\n  const = 3;\n  return <h1>broken</h1>;\n}\n");
  const broken = await waitFor("the page to be broken", async () => {
    const result = await wait("--visit", "/");
    return result.status === "failed" && result;
  });
  assert.equal(broken.code, 1);
  assert.deepEqual(places(broken, cwd), ["app/page.js:2:9"]);
  assert.match(broken.errors[0]?.message ?? "", /Unexpected token `=`/);

  const status = await runJson<StatusResult>(["status", "--cwd", cwd], options);
  assert.equal(status.sessions[0]?.build?.errorCount, 1);
  const text = await runCli(["status", "--cwd", cwd], options);
  assert.match(text.stdout, /ready, 1 error/);
  const listed = await runCli(["wait", "web", "--cwd", cwd], options);
  assert.match(listed.stdout, /^app\/page\.js:2:9: Unexpected token/m);
  assert.equal(listed.code, 1);

  write("app/page.js", good);
  const mended = await wait("--since", String(broken.seq), "--grace", "30");
  assert.deepEqual([mended.code, mended.status, mended.errors], [0, "clean", []]);
  assert.ok(mended.seq > broken.seq);

  write("app/page.js", "export default function Page() {\n  return <h1>{undefined.name}</h1>;\n}\n");
  const thrown = await waitFor("the page to fail", async () => {
    const result = await wait("--visit", "/");
    return result.status === "failed" && result;
  });
  assert.deepEqual(places(thrown, cwd), ["app/page.js:2:25"]);
  assert.equal(thrown.errors[0]?.phase, "request");
});

test("Vite: errors come with file and line, and are gone once the file is mended", async (context) => {
  const { home, cwd, write, wait, url } = await started(context, "vite", {
    "src/main.js": 'import { part } from "./part.ts";\ndocument.body.textContent = part;\n',
    "src/part.ts": 'export const part: string = "ok";\n',
  });
  const load = async () => {
    for (const file of ["/src/main.js", "/src/part.ts"]) await (await fetch(new URL(file, url))).text();
  };
  await load();
  const clean = await wait();
  assert.deepEqual([clean.code, clean.status], [0, "clean"], JSON.stringify(clean));

  write("src/part.ts", "export const part: string = ;\n");
  await waitFor(
    "Vite to see the change",
    async () => (await wait("--since", String(clean.seq))).seq > clean.seq,
  );
  await load();
  const broken = await wait();
  assert.deepEqual([broken.code, broken.status], [1, "failed"]);
  assert.deepEqual(places(broken, cwd), ["src/part.ts:1:29"]);

  write("src/part.ts", 'export const part: string = "mended";\n');
  const mended = await wait("--since", String(broken.seq), "--grace", "30");
  assert.deepEqual([mended.code, mended.status], [0, "clean"]);

  const connection = await connectTo(home);
  context.after(() => connection.dispose());
  const pages: OutputEventPage["events"] = [];
  for (let cursor = 0; ; ) {
    const page = await connection.request("session/events", { cwd, app: "web", cursor, limit: 1 });
    pages.push(...page.events);
    if (page.events.length === 0) break;
    cursor = page.next;
  }
  const whole = await connection.request("session/events", { cwd, app: "web", cursor: 0, limit: 1000 });
  assert.deepEqual(pages, whole.events, "pages of one event are the whole");
  const kinds = new Set(whole.events.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), ["compiled", "error", "url"]);
  const errors = await connection.request("session/events", { cwd, app: "web", cursor: 0, types: ["error"] });
  assert.ok(errors.events.every(({ kind }) => kind === "error"));
});
