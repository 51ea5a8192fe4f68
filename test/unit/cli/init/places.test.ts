import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { placeOf } from "../../../../daemon/cli/init/place.ts";
import { foundClients, reachOf, repositoryOf } from "../../../../daemon/cli/init/surroundings.ts";
import { faultOf } from "../../../../shared/base/believed-path.ts";

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(realpathSync(tmpdir()), "dl-places-"));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

function make(...names: readonly string[]): void {
  for (const name of names) mkdirSync(join(parent, name), { recursive: true });
}

describe("where a file of init is", () => {
  it("follows links within the repository and none that leads out, or nowhere", () => {
    make("repo/real", "other");
    const base = join(parent, "repo");
    symlinkSync("real", join(base, "inside"));
    symlinkSync("../other", join(base, "outside"));
    writeFileSync(join(parent, "other", "x.json"), "");
    symlinkSync("../other/x.json", join(base, "file"));
    symlinkSync("gone", join(base, "dangling"));
    symlinkSync("loop", join(base, "loop"));
    assert.deepEqual(placeOf(base, "inside/new/x.json"), {
      kind: "place",
      file: join(base, "real/new/x.json"),
    });
    for (const path of ["outside/x.json", "file", "dangling", "dangling/x", "loop"])
      assert.equal(placeOf(base, path).kind, "refused", path);
  });

  it("is no place that others may write, but one that the user's own group may", () => {
    make("repo/.claude");
    const base = join(parent, "repo");
    chmodSync(join(base, ".claude"), 0o777);
    assert.equal(placeOf(base, ".claude/settings.json").kind, "refused");
    chmodSync(join(base, ".claude"), 0o775);
    const file = join(base, ".claude", "settings.json");
    const me = process.getuid?.();
    const group = process.getgid?.();
    assert.equal(faultOf(file, "anything", me, group), undefined);
    assert.equal(faultOf(file, "anything", me)?.kind, "mode");
    assert.equal(faultOf(file, "anything", me, (group ?? 0) + 1)?.kind, "mode");
  });

  it("is in no file that stands where a directory should", () => {
    make("repo");
    writeFileSync(join(parent, "repo", ".claude"), "");
    assert.equal(placeOf(join(parent, "repo"), ".claude/settings.json").kind, "refused");
  });
});

describe("the repository that init is in", () => {
  it("is the nearest with a .git, else the directory; never a home directory above", () => {
    make("home/.git", "home/work/app/src", "home/work/repo/packages/a");
    writeFileSync(join(parent, "home/work/repo/.git"), "gitdir: elsewhere\n");
    const home = join(parent, "home");
    const of = (path: string) => repositoryOf(join(parent, path), home);
    assert.equal(of("home/work/repo/packages/a"), join(home, "work/repo"));
    assert.equal(of("home/work/app/src"), join(home, "work/app/src"));
    assert.equal(of("home"), home);
  });

  it("isn't one that another user could have put above", () => {
    make("shared/.git", "shared/mine");
    chmodSync(join(parent, "shared"), 0o1777);
    chmodSync(join(parent, "shared/.git"), 0o777);
    assert.throws(() => repositoryOf(join(parent, "shared/mine"), "/nowhere"), { code: "UNSAFE_PATH" });
  });
});

describe("what init finds", () => {
  it("is the agents of the repository and of the person, in a repository", () => {
    make("repo/.cursor", "home/.codex");
    writeFileSync(join(parent, "repo/GEMINI.md"), "");
    const [repo, home] = [join(parent, "repo"), join(parent, "home")];
    assert.deepEqual(foundClients(repo, home, "project"), ["cursor", "codex", "gemini"]);
    assert.deepEqual(foundClients(home, home, "user"), ["codex"]);
  });

  it("is devlatch on the PATH, as a dependency, or neither; a package manager's own PATH doesn't count", () => {
    make("bin", "repo/node_modules/.bin");
    const [repo, bin] = [join(parent, "repo"), join(parent, "bin")];
    const dependencies = join(repo, "node_modules/.bin");
    assert.equal(reachOf(repo, "project", bin), "registry");
    writeFileSync(join(dependencies, "devlatch"), "", { mode: 0o755 });
    assert.equal(reachOf(repo, "project", `${dependencies}:${bin}`), "dependency");
    assert.equal(reachOf(repo, "user", `${dependencies}:${bin}`), "registry");
    writeFileSync(join(bin, "devlatch"), "", { mode: 0o644 });
    assert.equal(reachOf(repo, "project", bin), "dependency", "one that can't be run is none");
    chmodSync(join(bin, "devlatch"), 0o755);
    assert.equal(reachOf(repo, "project", `relative:${bin}`), "path");
  });
});
