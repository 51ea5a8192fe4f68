import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  faultOf,
  type PathFault,
  type PathKind,
  requireBelieved,
} from "../../../shared/base/believed-path.ts";
import { hasCode } from "../../../shared/base/errors.ts";

const stranger = 65_534;
const me = process.getuid?.();
const asRoot = me === 0 ? false : "only root can give a file to another user";
const onWindows = process.platform === "win32" ? "Windows has neither owners nor modes" : false;

interface Row {
  readonly name: string;
  /** Makes it below `top`, a directory of ours; `way`, `way/thing` and a file `way/thing/file` are there already. */
  readonly make: (top: string) => void;
  /** What is asked for; `way/thing`, a directory, unless told. */
  readonly path?: string;
  readonly wanted?: PathKind;
  /** What is faulty, relative to `top`; nothing is unless told. */
  readonly fault?: { readonly path: string; readonly kind: PathFault["kind"] };
  readonly needsRoot?: true;
}

const rows: readonly Row[] = [
  { name: "what is ours, in directories of ours", make: () => {} },
  { name: "a file of ours", make: () => {}, path: "way/thing/file", wanted: "file" },
  { name: "what others may read", make: (top) => chmodSync(join(top, "way/thing"), 0o755) },
  { name: "what is still to be made", make: () => {}, path: "way/missing/deeper" },
  {
    name: "what is still to be made below a stranger's directory",
    make: (top) => chownSync(join(top, "way"), stranger, 0),
    path: "way/missing/deeper",
    fault: { path: "way", kind: "owner" },
    needsRoot: true,
  },
  {
    name: "a stranger's directory",
    make: (top) => chownSync(join(top, "way/thing"), stranger, 0),
    fault: { path: "way/thing", kind: "owner" },
    needsRoot: true,
  },
  {
    name: "a stranger's directory above",
    make: (top) => chownSync(join(top, "way"), stranger, 0),
    fault: { path: "way", kind: "owner" },
    needsRoot: true,
  },
  {
    name: "what its group may write to, our own group included",
    make: (top) => chmodSync(join(top, "way/thing"), 0o770),
    fault: { path: "way/thing", kind: "mode" },
  },
  {
    name: "what all may write to",
    make: (top) => chmodSync(join(top, "way/thing"), 0o702),
    fault: { path: "way/thing", kind: "mode" },
  },
  {
    name: "a directory above that its group may write to",
    make: (top) => chmodSync(join(top, "way"), 0o2775),
    fault: { path: "way", kind: "mode" },
  },
  {
    name: "a file that all may write to",
    make: (top) => chmodSync(join(top, "way/thing/file"), 0o666),
    path: "way/thing/file",
    wanted: "file",
    fault: { path: "way/thing/file", kind: "mode" },
  },
  { name: "what is ours in a sticky directory", make: (top) => chmodSync(join(top, "way"), 0o1777) },
  {
    name: "what is still to be made in a sticky directory",
    make: (top) => chmodSync(join(top, "way"), 0o1777),
    path: "way/missing",
  },
  {
    name: "what is a stranger's in a sticky directory",
    make: (top) => {
      chmodSync(join(top, "way"), 0o1777);
      chownSync(join(top, "way/thing"), stranger, 0);
    },
    fault: { path: "way/thing", kind: "owner" },
    needsRoot: true,
  },
  {
    name: "a sticky directory itself",
    make: (top) => chmodSync(join(top, "way/thing"), 0o1777),
    fault: { path: "way/thing", kind: "mode" },
  },
  {
    name: "a sticky directory of a stranger",
    make: (top) => {
      chmodSync(join(top, "way"), 0o1777);
      chownSync(join(top, "way"), stranger, 0);
    },
    fault: { path: "way", kind: "owner" },
    needsRoot: true,
  },
  {
    name: "a link of ours to what is ours",
    make: (top) => symlinkSync(join(top, "way/thing"), join(top, "link")),
    path: "link",
  },
  {
    name: "a link with .. to what is ours",
    make: (top) => symlinkSync("../way/./thing", join(top, "way/link")),
    path: "way/link/file",
    wanted: "file",
  },
  {
    name: "a link of ours to what others may write to",
    make: (top) => {
      chmodSync(join(top, "way"), 0o777);
      symlinkSync(join(top, "way/thing"), join(top, "link"));
    },
    path: "link",
    fault: { path: "way", kind: "mode" },
  },
  {
    name: "a stranger's link to what is ours",
    make: (top) => {
      symlinkSync("way/thing", join(top, "link"));
      lchownSync(join(top, "link"), stranger, 0);
    },
    path: "link/file",
    wanted: "file",
    fault: { path: "link", kind: "owner" },
    needsRoot: true,
  },
  {
    name: "a link of ours in a directory others may write to",
    make: (top) => {
      mkdirSync(join(top, "open"));
      chmodSync(join(top, "open"), 0o777);
      symlinkSync("../way/thing", join(top, "open/link"));
    },
    path: "open/link",
    fault: { path: "open", kind: "mode" },
  },
  {
    name: "a link that leads to nothing yet",
    make: (top) => symlinkSync("way/missing", join(top, "link")),
    path: "link",
  },
  {
    name: "a link that leads to itself",
    make: (top) => symlinkSync("link", join(top, "link")),
    path: "link",
    fault: { path: "link", kind: "unseen" },
  },
  {
    name: "a file in a directory's place",
    make: () => {},
    path: "way/thing/file",
    fault: { path: "way/thing/file", kind: "kind" },
  },
  {
    name: "a file on the way",
    make: () => {},
    path: "way/thing/file/below",
    fault: { path: "way/thing/file", kind: "kind" },
  },
  {
    name: "a pipe in a file's place",
    make: (top) => void execFileSync("mkfifo", ["-m", "600", join(top, "way/pipe")]),
    path: "way/pipe",
    wanted: "file",
    fault: { path: "way/pipe", kind: "kind" },
  },
];

/** A directory of ours that is gone at the end of the test. */
function makeTop(t: TestContext): string {
  const top = mkdtempSync(join(realpathSync(tmpdir()), "dl-believed-"));
  t.after(() => rmSync(top, { recursive: true, force: true }));
  mkdirSync(join(top, "way/thing"), { recursive: true, mode: 0o700 });
  writeFileSync(join(top, "way/thing/file"), "", { mode: 0o600 });
  return top;
}

for (const { name, make, path = "way/thing", wanted = "directory", fault, needsRoot } of rows) {
  const skip = onWindows || (needsRoot ? asRoot : false);
  test(`${fault ? "not believed" : "believed"}: ${name}`, { skip }, (t) => {
    const top = makeTop(t);
    make(top);
    const found = faultOf(join(top, path), wanted);
    const expected = fault && [join(top, fault.path), fault.kind];
    assert.deepEqual(found && [found.path, found.kind], expected);
  });
}

test("what is root's is believed by all, and what is ours by us alone", {
  skip: onWindows || asRoot,
}, (t) => {
  const top = makeTop(t);
  assert.equal(faultOf(top, "directory", stranger), undefined);
  chownSync(join(top, "way"), stranger, 0);
  assert.equal(faultOf(join(top, "way/thing"), "directory", stranger), undefined);
  assert.equal(faultOf(join(top, "way/thing"), "directory", stranger - 1)?.kind, "owner");
});

test("a path relative to the current directory is looked at from the root on", { skip: onWindows }, (t) => {
  const top = makeTop(t);
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(join(top, "way"));
  assert.equal(faultOf("thing", "directory"), undefined);
  chmodSync(top, 0o777);
  assert.deepEqual(faultOf("thing", "directory"), { path: top, kind: "mode", mode: 0o777 });
});

test("a socket is believed as one, and as nothing else", { skip: onWindows }, async (t) => {
  const path = join(makeTop(t), "way/socket");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => server.close());
  chmodSync(path, 0o600);
  assert.equal(faultOf(path, "socket"), undefined);
  assert.equal(faultOf(path, "file")?.kind, "kind");
});

test("a refusal names the path, what is wrong with it and the command that mends it", {
  skip: onWindows || asRoot,
}, (t) => {
  const top = makeTop(t);
  const odd = join(top, "it's odd");
  mkdirSync(odd);
  chmodSync(odd, 0o777);
  const quoted = `'${top}/it'\\''s odd'`;
  refuses(join(odd, "home"), [`${odd} can be written to`, "mode 0777", `chmod go-w ${quoted}`]);
  chownSync(odd, stranger, 0);
  refuses(join(odd, "home"), [join(odd, "home"), "another user (uid 65534)", `chown ${me} ${quoted}`]);
  const file = join(top, "way/thing/file");
  refuses(file, [`${file}: it is no directory but a file`, `mv ${file} ${file}.old`]);
});

function refuses(path: string, words: readonly string[]): void {
  assert.throws(
    () => requireBelieved(path, "directory"),
    (error) => {
      assert.ok(hasCode(error, "UNSAFE_PATH"));
      for (const word of words) {
        const isSaid = `${error.message} ${error.remedy}`.includes(word);
        assert.ok(isSaid, `${word} is missing in: ${error.message} ${error.remedy}`);
      }
      return true;
    },
  );
}
