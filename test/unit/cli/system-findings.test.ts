import assert from "node:assert/strict";
import { test } from "node:test";
import { systemFindings } from "../../../daemon/cli/doctor/system.ts";
import { parseMounts, wslOf } from "../../../daemon/host/abilities/system.ts";
import type { Abilities } from "../../../shared/model/abilities.ts";

const whole: Abilities = {
  nativeCalls: true,
  orphansReturn: true,
  listeners: "kernel",
  processes: true,
  othersHidden: false,
  libc: "glibc",
};

test("what the system lacks is said with what to do about it, each by itself", () => {
  const rows: readonly (readonly [Partial<Abilities>, string, string, RegExp])[] = [
    [{}, "system", "ok", /^$/],
    [{ listeners: "tools" }, "system", "ok", /^$/],
    [{ terminalFailure: "ENOENT" }, "terminal", "problem", /devpts/],
    [{ terminalMissing: "no such module" }, "terminal", "warning", /--include=optional/],
    [{ terminalMissing: "__asprintf_chk: symbol not found", libc: "musl" }, "terminal", "warning", /glibc/],
    [{ processes: false, listeners: "none" }, "processes", "problem", /mount -t proc/],
    [{ listeners: "none" }, "listeners", "problem", /netlink.*\/proc/],
    [{ nativeCalls: false, orphansReturn: false }, "native", "warning", /--include=optional/],
    [{ orphansReturn: false }, "orphans", "warning", /emulated/],
    [{ othersHidden: true }, "hidepid", "info", /^$/],
    [{ wsl: 1, orphansReturn: false }, "wsl", "warning", /wsl --set-version/],
    [{ wsl: 2 }, "system", "ok", /^$/],
    [{ homeFileSystem: "9p" }, "home-disk", "warning", /DEVLATCH_HOME/],
    [{ homeFileSystem: "ext4" }, "system", "ok", /^$/],
  ];
  for (const [lack, check, level, remedy] of rows) {
    const findings = systemFindings({ ...whole, ...lack });
    assert.deepEqual(
      findings.map((one) => [one.check, one.level]),
      [[check, level]],
      JSON.stringify(lack),
    );
    assert.match(findings[0]?.remedy ?? "", remedy);
  }
});

test("mounts are read with their escapes, and the subsystem for Linux by its kernel's version", () => {
  const text =
    "22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw,hidepid=invisible\n" +
    "45 43 8:1 / /mnt/my\\040disk rw - ext4 /dev/sda1 rw,errors=remount-ro\n" +
    "garbage\n";
  assert.deepEqual(parseMounts(text), [
    { point: "/proc", type: "proc", options: ["rw", "hidepid=invisible"] },
    { point: "/mnt/my disk", type: "ext4", options: ["rw", "errors=remount-ro"] },
  ]);
  assert.equal(wslOf("Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)"), 1);
  assert.equal(wslOf("Linux version 5.15.153.1-microsoft-standard-WSL2 (root@941d701f84f1)"), 2);
  assert.equal(wslOf("Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org)"), undefined);
});
