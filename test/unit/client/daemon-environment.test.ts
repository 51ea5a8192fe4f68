import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type TestContext, test } from "node:test";
import { daemonEnvironment } from "../../../shared/client/daemon-environment.ts";

/** A package in a checkout, and a directory beside it. */
function places(t: TestContext) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "devlatch-environment-")));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const checkout = join(root, "checkout");
  const member = join(checkout, "apps", "web");
  mkdirSync(join(checkout, ".git"), { recursive: true });
  mkdirSync(member, { recursive: true });
  writeFileSync(join(member, "package.json"), "{}");
  return { root, checkout, member };
}

test("a daemon gets what is the user's, and nothing that one project, terminal or program set", () => {
  const own = {
    HOME: "/home/ada",
    USER: "ada",
    LANG: "C",
    LC_ALL: "C",
    TMPDIR: "/tmp",
    XDG_RUNTIME_DIR: "/run",
  };
  const settings = { DEVLATCH_HOME: "/h", DEVLATCH_REDIS_URL: "redis://localhost", DEVLATCH_IDLE_MS: "1" };
  const foreign = {
    ...{ NODE_OPTIONS: "--import ./a.mjs", NODE_PATH: "/a", LD_PRELOAD: "/a.so", GIT_DIR: "/a", PORT: "1" },
    ...{ AWS_SECRET_ACCESS_KEY: "secret", NODE_ENV: "production", npm_config_prefix: "/a", BASH_ENV: "/a" },
  };
  const marks = { DEVLATCH_LAUNCH: "a", DEVLATCH_SESSION: "b", DEVLATCH_HOST: "c", DEVLATCH_DAEMON: "1" };
  const env = daemonEnvironment({ ...own, ...settings, ...foreign, ...marks, TZ: undefined }, "/");
  assert.deepEqual(env, { ...own, ...settings });
});

test("its path has no directory of packages, of the project around its client, or of wherever it is", (t) => {
  const { root, checkout, member } = places(t);
  const kept = [join(root, "tools"), "/usr/bin", `${checkout}-beside/bin`];
  const gone = [
    join(root, "other/node_modules/.bin"),
    join(checkout, "bin"),
    join(member, "scripts"),
    "bin",
    ".",
    "",
  ];
  const path = [kept[0], ...gone, ...kept.slice(1)].join(delimiter);
  assert.deepEqual(daemonEnvironment({ PATH: path }, member), { PATH: kept.join(delimiter) });
  const besides = daemonEnvironment({ PATH: join(checkout, "bin") }, root);
  assert.deepEqual(besides, { PATH: join(checkout, "bin") }, "a tool's own checkout is no project around");
  assert.deepEqual(daemonEnvironment({ PATH: "/bin" }, undefined), { PATH: "/bin" });
});
