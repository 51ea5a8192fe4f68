import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { binariesOf, withAddons } from "../../../.ci/packages/addons.ts";
import { ownTarget, targets } from "../../../.ci/packages/targets.ts";
import { sourcesOf } from "../../../.ci/packages/where.ts";
import { sample } from "../../support/campaign.ts";
import { runProgram } from "../../support/child.ts";
import { repository } from "../../support/paths.ts";
import { manifest, type Opened, openVsix, pack } from "./packed.ts";

/** The largest a VSIX may be, in MB. The native parts alone are 0.4 on Linux, 0.5 on macOS, 0.65 on Windows. */
const largest = { linux: 1.5, darwin: 1.65, win32: 1.8 };

/** How a binary begins that a system can load, and its processor's number there. */
const formats = {
  linux: { x64: "7f454c46", arm64: "7f454c46" },
  darwin: { x64: "cffaedfe07000001", arm64: "cffaedfe0c000001" },
  win32: { x64: "4d5a", arm64: "4d5a" },
} as const;

/** Made once for all of this file. */
const own = ownTarget().name;
const others = sample(
  targets.map(({ name }) => name).filter((name) => name !== own),
  2,
);
const out = mkdtempSync(join(realpathSync(tmpdir()), "dl-packages-"));
before(() => pack([own, ...others, "npm"], out, { TZ: "Pacific/Auckland" }));
after(() => rmSync(out, { recursive: true, force: true }));

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "dl-packages-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The native parts, as paths below `node_modules`. */
function nativesOf({ entries }: Opened): readonly string[] {
  const modules = "extension/dist/node_modules/";
  return entries
    .filter(
      ({ path }) => path.startsWith(modules) && /\.(?:node|dll|exe|so|dylib|pdb|lib|exp)$|helper$/.test(path),
    )
    .map(({ path }) => path.slice(modules.length));
}

/** What each system needs, and no more. */
function expectedNatives({ os, cpu, libc }: Opened["target"]): readonly string[] {
  const pty = `@lydell/node-pty-${os}-${cpu}`;
  const terminals = {
    linux: ["pty.node"],
    darwin: ["pty.node", "spawn-helper"],
    win32: ["conpty_console_list.node", "conpty.node"],
  }[os];
  const folder = `${libc === "musl" ? "musl" : os}_${cpu}`;
  return [`@koromix/koffi-${os}-${cpu}/${folder}/koffi.node`, ...terminals.map((file) => `${pty}/${file}`)];
}

test("each system's VSIX holds its own native parts and no others, is small, and has its licences and bill", async (t) => {
  for (const name of [own, ...others]) {
    await t.test(name, () => {
      const vsix = openVsix(name, out);
      const { os, cpu } = vsix.target;
      assert.deepEqual([...nativesOf(vsix)].sort(), [...expectedNatives(vsix.target)].sort());
      for (const { path, read, mode } of vsix.entries) {
        if (/spawn-helper$|\/devlatch\.js$/.test(path)) assert.equal(mode, 0o755, path);
        if (path.endsWith(".node"))
          assert.ok(read().toString("hex", 0, 8).startsWith(formats[os][cpu]), path);
      }
      assert.ok(vsix.bytes.length <= largest[os] * 1024 * 1024, `${vsix.bytes.length} bytes`);
      assert.match(
        vsix.text("extension.vsixmanifest"),
        new RegExp(`Version="${manifest.version}".*TargetPlatform="${name}"`),
      );
      const texts = Object.values(JSON.parse(vsix.text("extension/package.nls.json")));
      assert.ok(texts.includes("Start Server"), "what can be translated");
      const page = vsix.text("extension/readme.md");
      assert.match(page, /^## Settings$/m, "the extension's own page");
      const pictures = [...page.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map(([, where = ""]) => where);
      for (const where of pictures) assert.match(where, /^https:/, "the editor shows no others");
      assert.ok(Object.keys(JSON.parse(vsix.text("extension/dist/l10n/bundle.l10n.json"))).length > 300);
      const { version, main } = JSON.parse(vsix.text("extension/package.json"));
      assert.equal(version, manifest.version);
      assert.ok(vsix.text(`extension/${main.slice(2)}`));
      const programs = vsix.entries.filter(({ path }) => path.endsWith(".js")).map(({ read }) => read());
      assert.ok(
        programs.some((text) => text.includes(`"${manifest.version}"`)),
        "the programs' own version",
      );
      const { components } = JSON.parse(vsix.text("extension/dist/sbom.cdx.json"));
      const names = components.map((one: { name: string }) => one.name);
      const licences = vsix.text("extension/dist/LICENSES.txt");
      for (const part of [
        "zod",
        "ws",
        "re2js",
        "koffi",
        `@koromix/koffi-${os}-${cpu}`,
        `@lydell/node-pty-${os}-${cpu}`,
      ]) {
        assert.ok(names.includes(part), part);
        assert.match(licences, new RegExp(`^${part} \\d`, "m"));
      }
      for (const { name: part, version: its } of components)
        assert.ok(licences.includes(`${part} ${its} (`), part);
    });
  }
});

test("the same sources make the same bytes, wherever and whenever they are packed", async (t) => {
  const again = directoryOf(t);
  await pack([own, "npm"], again, { TZ: "America/New_York", LC_ALL: "C" });
  for (const name of [`${own}-${manifest.version}.vsix`, `${manifest.version}.tgz`]) {
    const [first, second] = [out, again].map((place) => readFileSync(join(place, `devlatch-${name}`)));
    assert.ok(first?.equals(second ?? Buffer.alloc(0)), name);
  }
});

test("a native part that isn't what the lockfile says is refused", async (t) => {
  const root = directoryOf(t);
  cpSync(join(repository, "package.json"), join(root, "package.json"));
  const lock = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8"));
  const [target = assert.fail()] = targets.filter(({ os }) => os !== process.platform);
  const [binary = assert.fail()] = binariesOf(target);
  lock.packages[`node_modules/${binary}`].integrity = `sha512-${Buffer.alloc(64).toString("base64")}`;
  writeFileSync(join(root, "package-lock.json"), JSON.stringify(lock));
  await assert.rejects(
    withAddons(root, target, async () => assert.fail("it was used")),
    new RegExp(`didn't install ${binary} for ${target.name}`),
  );
});

test("a stack of a packed program is read with the maps beside the package", async (t) => {
  const place = directoryOf(t);
  await runProgram("tar", ["-xzf", join(out, `devlatch-${manifest.version}.tgz`), "-C", place]);
  // A host that is told nothing ends with one.
  const { stderr } = await runProgram(process.execPath, [join(place, "package/dist/host.js")]);
  const read = sourcesOf(stderr, readFileSync(join(out, `devlatch-${manifest.version}.maps.gz`)));
  // In a build without maps of its own, that is where it is in what was built.
  const [, file = "", line = "", column = ""] = /^ +at \S+ \((\S+):(\d+):(\d+)\)$/m.exec(read) ?? [];
  const code = readFileSync(join(repository, "dist", file), "utf8").split("\n")[Number(line) - 1] ?? "";
  assert.match(code.slice(Number(column) - 1), /^parse\(/, read);
});
