import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runnable, type ShimSurroundings } from "../../../daemon/processes/windows/shims.ts";
import { cmdLine } from "../../../shared/base/cmd-line.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";

const ofNpm = (target: string, prog = "node") => `@ECHO off\r
GOTO start\r
:find_dp0\r
SET dp0=%~dp0\r
EXIT /b\r
:start\r
SETLOCAL\r
CALL :find_dp0\r
\r
IF EXIST "%dp0%\\${prog}.exe" (\r
  SET "_prog=%dp0%\\${prog}.exe"\r
) ELSE (\r
  SET "_prog=${prog}"\r
  SET PATHEXT=%PATHEXT:;.JS;=;%\r
)\r
\r
endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "%_prog%"  "%dp0%\\${target}" %*\r
`;
const ofPnpm = `@SETLOCAL\r
@IF EXIST "%~dp0\\node.exe" (\r
  "%~dp0\\node.exe"  "%~dp0\\..\\vite\\bin\\vite.js" %*\r
) ELSE (\r
  @SET PATHEXT=%PATHEXT:;.JS;=;%\r
  node  "%~dp0\\..\\vite\\bin\\vite.js" %*\r
)\r
`;
const npmItself = `:: Created by npm, please don't edit manually.\r
@ECHO OFF\r
SETLOCAL\r
SET "NODE_EXE=%~dp0\\node.exe"\r
SET "NPM_PREFIX_JS=%~dp0\\node_modules\\npm\\bin\\npm-prefix.js"\r
SET "NPM_CLI_JS=%~dp0\\node_modules\\npm\\bin\\npm-cli.js"\r
"%NODE_EXE%" "%NPM_CLI_JS%" %*\r
`;

const files: Readonly<Record<string, string>> = {
  "C:\\app\\node_modules\\.bin\\next.cmd": ofNpm("..\\next\\dist\\bin\\next"),
  "C:\\app\\node_modules\\next\\dist\\bin\\next": "",
  "C:\\app\\node_modules\\.bin\\gone.cmd": ofNpm("..\\gone\\gone.js"),
  "C:\\app\\node_modules\\.bin\\sh.cmd": ofNpm("..\\next\\dist\\bin\\next", "sh"),
  "C:\\app\\node_modules\\.bin\\vite.cmd": ofPnpm,
  "C:\\app\\node_modules\\vite\\bin\\vite.js": "",
  "C:\\app\\node_modules\\.bin\\path.cmd": `@SET "NODE_PATH=C:\\x"\r\n${ofPnpm}`,
  "C:\\nodejs\\npm.cmd": npmItself,
  "C:\\nodejs\\node.exe": "",
  "C:\\nodejs\\node_modules\\npm\\bin\\npm-cli.js": "",
  "C:\\app\\own.bat": "@echo %1\r\n",
};
const surroundings: ShimSurroundings = {
  env: { SystemRoot: "C:\\Windows", APPDATA: "C:\\roaming" },
  findNode: () => "D:\\tools\\node.exe",
  read: (path) => files[path],
  exists: (path) => path in files,
};
const run = (file: string, ...args: string[]) => runnable(file, args, surroundings);
const bin = "C:\\app\\node_modules\\.bin";

describe("what package managers install", () => {
  test("becomes node and its script, without a cmd", () => {
    const node = "D:\\tools\\node.exe";
    const next = "C:\\app\\node_modules\\next\\dist\\bin\\next";
    assert.deepEqual(run(`${bin}\\next.cmd`, "dev", 'a "b" & %c%'), {
      file: node,
      args: [next, "dev", 'a "b" & %c%'],
    });
    assert.deepEqual(run(`${bin}\\vite.cmd`).args, ["C:\\app\\node_modules\\vite\\bin\\vite.js"]);
    assert.deepEqual(run("C:\\app\\server.mjs", "x"), { file: node, args: ["C:\\app\\server.mjs", "x"] });
  });

  test("npm is run by the node beside it, and a later one goes before it", () => {
    const npm = "node_modules\\npm\\bin\\npm-cli.js";
    assert.deepEqual(run("C:\\nodejs\\npm.cmd", "run", "dev"), {
      file: "C:\\nodejs\\node.exe",
      args: [`C:\\nodejs\\${npm}`, "run", "dev"],
    });
    const later = `C:\\roaming\\npm\\${npm}`;
    const exists = (path: string) => path === later || path in files;
    assert.equal(runnable("C:\\nodejs\\npm.cmd", [], { ...surroundings, exists }).args[0], later);
  });

  test("is left to cmd where it does more than to call node", () => {
    for (const name of ["gone", "sh", "path"]) {
      const { file, args, verbatim } = run(`${bin}\\${name}.cmd`, "dev");
      assert.equal(file, "C:\\Windows\\System32\\cmd.exe");
      assert.deepEqual(args, ["/d", "/s", "/c", `""${bin}\\${name}.cmd" "dev""`]);
      assert.equal(verbatim, true);
    }
  });

  test("programs are run as they are", () => {
    assert.deepEqual(run("C:\\nodejs\\node.exe", "%x%"), { file: "C:\\nodejs\\node.exe", args: ["%x%"] });
  });
});

describe("a line for cmd", () => {
  test("quotes every word, so that nothing in it acts", () => {
    assert.equal(cmdLine(["a b", "&", "|calc", "^x", "<>", ""]), '""a b" "&" "|calc" "^x" "<>" """');
    assert.equal(cmdLine(["C:\\dir\\"]), '""C:\\dir\\\\""');
    assert.equal(cmdLine(["100%", "%"]), '""100%" "%""');
  });

  test("isn't made of what cmd would change", () => {
    for (const word of ['"', 'x" & calc', "%PATH%", "a%x%b", "a\nb", "a\rb", "a\0b"])
      assert.equal(cmdLine(["echo", word]), undefined, word);
    const refused = (error: unknown) => error instanceof DevlatchError && error.code === "COMMAND_NOT_FOUND";
    assert.throws(() => run("C:\\app\\own.bat", '" & calc & "'), refused);
    assert.throws(() => run("C:\\app\\own.bat", "%PATH%"), refused);
  });
});
