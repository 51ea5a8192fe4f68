import assert from "node:assert/strict";
import { test } from "node:test";
import type { BuildWaitResult } from "../../../shared/protocol/builds.ts";
import { freePort } from "../../support/ports.ts";
import { openCase } from "./open-case.ts";

// Its pages are below a path of its own: what isn't there is answered with 404, and nothing is compiled for that.
test("Next: a visit that is answered with 404 proves no clean build, one of its own page does", async (context) => {
  const opened = await openCase(context, "p24-visit-404-is-clean", { modules: "next" });
  await opened.json("start", "web", "--port", `${await freePort()}`);
  const wait = async (path: string) => {
    const { code, stdout, json } = await opened.run("wait", "web", "--visit", path, "--json");
    return { code, stdout, ...(json as BuildWaitResult) };
  };
  const nowhere = await wait("/");
  assert.deepEqual([nowhere.code, nowhere.status], [6, "unknown"], nowhere.stdout);
  const { stdout } = await opened.run("wait", "web", "--visit", "/");
  assert.match(stdout, /^unknown: .*GET \/ was answered with 404/);

  const page = await wait("/docs");
  assert.deepEqual([page.code, page.status], [0, "clean"], page.stdout);
  await opened.write("app/page.js", "export default function Page() {\n  return <h1>{;\n}\n");
  const broken = await wait("/docs");
  assert.deepEqual([broken.code, broken.errors[0]?.place?.line], [1, 2], broken.stdout);
  const elsewhere = await wait("/");
  assert.equal(elsewhere.code, 1, "and what is broken stays so, whatever is answered elsewhere");
});
