import assert from "node:assert/strict";
import { chownSync, lchownSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createWorkspace } from "../../../daemon/detect/create-workspace.ts";
import { hasCode } from "../../../shared/base/errors.ts";
import { project } from "./project.ts";

const skip = process.getuid?.() === 0 ? false : "only root can give files to other users";
/** Users that own nothing else here. */
const [alice, bob] = [4711, 4712];
const web = { apps: { web: { command: "node theirs.js" } } };

describe("configuration of others above a project", { skip }, () => {
  it("is ignored: a devlatch.json names neither command nor root, and the error says so in one line", async (t) => {
    const top = await project(t, { "devlatch.json": web, "mine/x": "" });
    chownSync(join(top, "devlatch.json"), alice, alice);
    const trusted = join(top, "trusted-directories");
    const workspace = createWorkspace(trusted);
    assert.deepEqual((await workspace.locate(join(top, "mine"))).root, top, "the checkout is ours");
    const refused = await workspace.plan({ cwd: join(top, "mine"), app: "web" }).catch((error) => error);
    assert.ok(hasCode(refused, "UNKNOWN_APP"));
    const line = `${top}/devlatch.json is ignored: it belongs to another user (uid 4711). If you trust it, add the line ${top} to ${trusted}.`;
    assert.ok(refused.remedy.startsWith(`${line} `), refused.remedy);
    const { problems } = await workspace.describe(join(top, "mine"));
    assert.equal(problems[0]?.file, join(top, "devlatch.json"));
    assert.equal(`${problems[0]?.message} ${problems[0]?.remedy}`, line);
  });

  it("is ignored: servers and setups that agents' files name", async (t) => {
    const top = await project(t, {
      "package.json": { name: "ours", scripts: { dev: "next dev" } },
      ".claude/launch.json": { configurations: [{ name: "theirs", runtimeExecutable: "theirs" }] },
      "conductor.json": { scripts: { setup: "theirs" } },
      "mine/x": "",
    });
    for (const name of [".claude/launch.json", "conductor.json"]) chownSync(join(top, name), alice, alice);
    const workspace = createWorkspace();
    const cwd = join(top, "mine");
    await assert.rejects(workspace.plan({ cwd, app: "theirs" }), { code: "UNKNOWN_APP" });
    const { apps, setups, problems } = await workspace.describe(cwd);
    assert.deepEqual([apps.map(({ app }) => app), setups], [["web"], undefined]);
    assert.match(problems.map(({ message }) => message).join("\n"), /launch\.json is ignored/);
  });

  it("is ignored: scripts, workspaces and lock files lead to nothing; what is ours is planned, with the line", async (t) => {
    const top = await project(t, {
      "package.json": { scripts: { dev: "vite" }, workspaces: ["*"], packageManager: "yarn@4" },
      "pnpm-workspace.yaml": "packages: ['*']",
      "mine/package.json": { scripts: { dev: "next dev" } },
      "mine/src/x": "",
      "empty/x": "",
    });
    for (const name of ["package.json", "pnpm-workspace.yaml"]) chownSync(join(top, name), alice, alice);
    const workspace = createWorkspace();
    const plan = await workspace.plan({ cwd: join(top, "mine/src"), app: "web" });
    assert.deepEqual(plan.command, ["npm", "run", "dev"]);
    assert.match(plan.notice ?? "", /package\.json is ignored: .*pnpm-workspace\.yaml is ignored: /);
    assert.equal((await workspace.locate(join(top, "mine/src"))).root, join(top, "mine"));
    await assert.rejects(workspace.plan({ cwd: join(top, "empty"), app: "web" }), { code: "UNKNOWN_APP" });
    const detection = await workspace.detect(["npm", "run", "dev"], join(top, "empty"));
    assert.match(detection.notice ?? "", /package\.json is ignored/);
  });

  it("is ignored also above a directory that a configuration names", async (t) => {
    const top = await project(t, { "package.json": { scripts: { dev: "vite" } }, "inner/x": "" });
    const mine = await project(t, {
      "devlatch.json": { apps: { web: { cwd: join(top, "inner") } } },
    });
    chownSync(join(top, "package.json"), alice, alice);
    await assert.rejects(createWorkspace().plan({ cwd: mine, app: "web" }), { code: "UNKNOWN_APP" });
  });

  it("is ignored behind a link of theirs, and in a directory of theirs", async (t) => {
    const top = await project(t, { "elsewhere.json": web, "mine/x": "" });
    symlinkSync(join(top, "elsewhere.json"), join(top, "devlatch.json"));
    const workspace = createWorkspace();
    const rootOf = async () => (await workspace.locate(join(top, "mine"))).configFile;
    assert.equal(await rootOf(), join(top, "devlatch.json"));
    lchownSync(join(top, "devlatch.json"), alice, alice);
    assert.equal(await rootOf(), undefined);
    lchownSync(join(top, "devlatch.json"), 0, 0);
    chownSync(join(top, "elsewhere.json"), alice, alice);
    assert.equal(await rootOf(), undefined);
    chownSync(join(top, "elsewhere.json"), 0, 0);
    chownSync(top, alice, alice);
    assert.equal(await rootOf(), undefined);
    const { problems } = await workspace.describe(join(top, "mine"));
    const said = problems.map(({ message }) => message).join("\n");
    assert.match(said, /devlatch\.json is ignored: its directory belongs to another user/);
  });

  it("a git checkout of theirs is no root", async (t) => {
    const top = await project(t, { "mine/x": "" });
    chownSync(join(top, ".git"), alice, alice);
    assert.equal((await createWorkspace().locate(join(top, "mine"))).root, join(top, "mine"));
  });

  it("is believed where their directory is listed, and nowhere else", async (t) => {
    const top = await project(t, { "devlatch.json": web, "mine/x": "" });
    chownSync(join(top, "devlatch.json"), alice, alice);
    const trusted = join(top, "trusted-directories");
    const workspace = createWorkspace(trusted);
    const command = async () => (await workspace.plan({ cwd: join(top, "mine"), app: "web" })).command;
    writeFileSync(trusted, `# not this one\n${top}/mine\nrelative\n`);
    await assert.rejects(command(), { code: "UNKNOWN_APP" });
    writeFileSync(trusted, `# shared\n${top}/\n`);
    assert.deepEqual(await command(), ["node", "theirs.js"]);
  });

  it("is believed in the very directory the caller stands in, whatever it belongs to", async (t) => {
    const top = await project(t, { "devlatch.json": web });
    chownSync(join(top, "devlatch.json"), alice, alice);
    const plan = await createWorkspace().plan({ cwd: top, app: "web" });
    assert.deepEqual([plan.command, plan.notice], [["node", "theirs.js"], undefined]);
  });

  it("is believed if it is of the owner of the caller's directory: root works in another user's checkout", async (t) => {
    const top = await project(t, { "devlatch.json": web, "package.json": { workspaces: ["apps/*"] } });
    const inner = join(top, "apps/web/src");
    await mkdir(inner, { recursive: true });
    for (const path of ["", "devlatch.json", "package.json", ".git", "apps", "apps/web", "apps/web/src"]) {
      chownSync(join(top, path), alice, alice);
    }
    const workspace = createWorkspace();
    assert.deepEqual((await workspace.plan({ cwd: inner, app: "web" })).command, ["node", "theirs.js"]);
    assert.deepEqual((await workspace.describe(inner)).problems, []);
    chownSync(join(top, "devlatch.json"), bob, bob);
    await assert.rejects(workspace.plan({ cwd: inner, app: "web" }), { code: "UNKNOWN_APP" });
  });

  it("root's own is believed, as ever", async (t) => {
    const top = await project(t, { "devlatch.json": web, "mine/x": "" });
    chownSync(join(top, "mine"), alice, alice);
    const plan = await createWorkspace().plan({ cwd: join(top, "mine"), app: "web" });
    assert.deepEqual([plan.command, plan.notice], [["node", "theirs.js"], undefined]);
  });
});
