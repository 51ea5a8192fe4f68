import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { checkSessions, checkStore, healthFindings } from "../../../daemon/cli/doctor/daemon.ts";
import { checkFiles, checkSocket } from "../../../daemon/cli/doctor/files.ts";
import { findingsText, ok, problem, warning } from "../../../daemon/cli/doctor/finding.ts";
import { randomToken } from "../../../shared/base/token.ts";
import { type Home, locateHome } from "../../../shared/client/home.ts";
import type { Finding } from "../../../shared/model/doctor.ts";
import type { StatusResult } from "../../../shared/protocol/methods.ts";

let parent: string;
let home: Home;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "devlatch-doctor-"));
  home = locateHome({ DEVLATCH_HOME: join(parent, "home") });
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

function makeHome(): void {
  mkdirSync(home.directory, { mode: 0o700 });
  writeFileSync(home.tokenFile, `${randomToken()}\n`, { mode: 0o600 });
}

function found(check: string): Finding | undefined {
  return checkFiles(home).find((finding) => finding.check === check);
}

describe("the doctor's look at the files", () => {
  it("finds nothing wrong with a home that doesn't exist yet", () => {
    assert.deepEqual(
      checkFiles(home).map(({ check, level }) => [check, level]),
      [["home", "info"]],
    );
  });

  it("finds nothing wrong with a private one", () => {
    makeHome();
    assert.ok(checkFiles(home).every(({ level }) => level === "ok" || level === "info"));
  });

  it("a home that others may enter is a problem, with the command that closes it", () => {
    makeHome();
    chmodSync(home.directory, 0o755);
    assert.equal(found("home")?.level, "problem");
    assert.match(found("home")?.summary ?? "", /0755/);
    assert.equal(found("home")?.remedy, `Close it with: chmod 700 ${home.directory}`);
  });

  it("a file in the home's place is a problem", () => {
    writeFileSync(home.directory, "");
    assert.equal(found("home")?.level, "problem");
  });

  it("a token that others may read, or that isn't one, is a problem", () => {
    makeHome();
    chmodSync(home.tokenFile, 0o644);
    assert.match(found("token")?.summary ?? "", /0644/);
    writeFileSync(home.tokenFile, "garbage");
    chmodSync(home.tokenFile, 0o600);
    assert.match(found("token")?.summary ?? "", /holds no token/);
    assert.equal(found("token")?.level, "problem");
  });

  it("a state file that is garbage is a warning: the next daemon replaces it", () => {
    makeHome();
    for (const garbage of ["", "{", "[]", '{"pid":"x"}', "\u0000\u0001"]) {
      writeFileSync(home.stateFile, garbage);
      assert.equal(found("state")?.level, "warning");
    }
  });

  it("a socket at which no process answers is stale", () => {
    makeHome();
    writeFileSync(home.socketPath ?? "", "");
    assert.equal(checkSocket(home, false)[0]?.level, "warning");
    assert.deepEqual(checkSocket(home, true), []);
  });
});

describe("the doctor's look at the daemon", () => {
  const status: StatusResult = {
    daemon: {
      pid: 1,
      version: "0.1.0",
      uptimeMs: 1,
      store: { kind: "sqlite", healthy: true },
      home: "/h",
      logFile: "/h/l",
    },
    sessions: [],
    locks: [],
    health: null,
  };

  it("a store that doesn't answer is a problem", () => {
    const broken = {
      ...status,
      daemon: { ...status.daemon, store: { kind: "redis" as const, healthy: false } },
    };
    assert.equal(checkStore(broken, {})[0]?.level, "problem");
  });

  it("a daemon that doesn't use the Redis this terminal names is a warning", () => {
    const findings = checkStore(status, { DEVLATCH_REDIS_URL: "redis://:secret@h" });
    assert.equal(findings[1]?.check, "store-kind");
    assert.doesNotMatch(JSON.stringify(findings), /secret/);
    assert.equal(checkStore(status, {}).length, 1);
  });

  it("a broken store is a problem, a busy machine only a warning", () => {
    const component = (status: "healthy" | "critical") => ({ status, summary: "s", latencyMs: 1 });
    const components = {
      store: component("critical"),
      database: component("healthy"),
      concurrency: component("healthy"),
      resources: component("critical"),
      servers: component("critical"),
    };
    const findings = healthFindings({ status: "critical", components, checkedAt: 0 });
    assert.deepEqual(
      findings.map(({ check, level }) => [check, level]),
      [
        ["health-store", "problem"],
        ["health-resources", "warning"],
        ["health-servers", "warning"],
      ],
    );
  });

  it("failed sessions are named with their remedy", () => {
    const error = {
      code: "HOST_FAILED",
      message: "The host is gone.",
      remedy: "Start it again.",
      logTail: [],
    };
    const session = {
      session: "dev_server_web",
      app: "web",
      sandboxId: "sb_1",
      root: "/r",
      cwd: "/r",
      command: "x",
      fence: 1,
      state: { kind: "failed" as const, since: 0, error },
      hosting: "none" as const,
      startedAt: 0,
      holders: [],
    };
    const [finding] = checkSessions({ ...status, sessions: [session] });
    assert.match(finding?.summary ?? "", /web in \/r failed: The host is gone/);
    assert.equal(finding?.remedy, "Start it again.");
  });
});

describe("the doctor's report", () => {
  it("puts each remedy below its finding and counts the problems", () => {
    const text = findingsText([ok("a", "fine"), problem("b", "broken", "fix it")], (_format, words) => words);
    assert.equal(text, "✓ fine\n✗ broken\n    fix it\n\n1 problem found");
    assert.match(
      findingsText([warning("a", "odd", "look")], (_format, words) => words),
      /No problems; see the warnings$/,
    );
  });
});
