import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  powerShellAssignment,
  readShellCommands,
  splitCommandLine,
} from "../../../daemon/detect/shell-list.ts";

const wordsOf = (line: string) => readShellCommands(line).map(({ words }) => words.join(" "));

describe("the commands of a shell's line", () => {
  it("are none in a here-document, whatever stands in it", () => {
    const body = "npm run dev\n'it isn't closed; \"nor this $(\n) EOF";
    assert.deepEqual(wordsOf(`cat <<EOF > a\n${body}\nEOF\nls`), ["cat", "ls"]);
    assert.deepEqual(wordsOf(`cat <<'E O F'; ls\n${body}\nE O F\npwd`), ["cat", "ls", "pwd"]);
    assert.deepEqual(wordsOf("cat <<-EOF\n\tnext dev\n\tEOF\nls"), ["cat", "ls"]);
    assert.deepEqual(wordsOf("cat <<A <<B\nnext dev\nA\nvite\nB\nls"), ["cat", "ls"]);
    assert.deepEqual(wordsOf("cat <<EOF\r\nnext dev\r\nEOF\r\nls"), ["cat", "ls"]);
    assert.deepEqual(wordsOf("cat <<EOF\nnext dev"), ["cat"]);
    assert.deepEqual(wordsOf("cat <<< 'next dev'\nls"), ["cat", "ls"]);
    assert.equal(readShellCommands("sh <<EOF\nnext dev\nEOF")[0]?.input, "next dev\n");
  });

  it("run what stands in $(…) and in backquotes first, up to the parenthesis that closes it", () => {
    const inner = (line: string) => readShellCommands(line).map((one) => one.inner);
    assert.deepEqual(inner("kill $(lsof -ti:3000) `pgrep next`"), [["lsof -ti:3000", "pgrep next"]]);
    assert.deepEqual(inner('echo "$(echo ")" \')\' # )\n)"; ls'), [["echo \")\" ')' # )\n"], undefined]);
    assert.deepEqual(inner('git commit -m "$(cat <<EOF\n1) stop; pkill node (\nEOF\n)" && ls'), [
      ["cat <<EOF\n1) stop; pkill node (\nEOF\n"],
      undefined,
    ]);
    assert.deepEqual(inner("echo $((1 << 2)) $(a $(b))"), [["a $(b)"]]);
    assert.deepEqual(inner("echo '$(no)' \\$(x"), [undefined, undefined]);
  });

  it("are read in time that grows with the line, however deep and unclosed", () => {
    for (const part of ["$(", "`", '"$(', "<<E\n", "((", "$((", "$(<<E\n"])
      assert.ok(readShellCommands(part.repeat(20_000)).length >= 0);
  });
});

describe("as Windows quotes", () => {
  const words = (line: string) => {
    const split = splitCommandLine(line, "windows");
    return split.kind === "words" ? split.words : split.kind;
  };

  it("backslashes stand in paths", () => {
    assert.deepEqual(words("node .\\scripts\\dev.js --root C:\\work\\"), [
      ...["node", ".\\scripts\\dev.js", "--root", "C:\\work\\"],
    ]);
    assert.deepEqual(words('"C:\\Program Files\\node.exe" \\\\server\\share\\dev.js'), [
      ...["C:\\Program Files\\node.exe", "\\\\server\\share\\dev.js"],
    ]);
    assert.deepEqual(splitCommandLine("node a\\ b", "posix"), {
      kind: "words",
      words: ["node", "a b"],
      env: {},
    });
  });

  it("a backslash quotes a quote, and ^ anything", () => {
    assert.deepEqual(words('node -e "console.log(\\"a b\\")"'), ["node", "-e", 'console.log("a b")']);
    assert.deepEqual(words("node ^&^& x"), ["node", "&&", "x"]);
    assert.equal(words("a && b"), "needs-shell");
    assert.equal(words('"never closed\\"'), "unclosed");
  });

  it("line ends are those of Windows", () => {
    assert.deepEqual(
      readShellCommands("set A=1\r\nnode x\r\n", "windows").map(({ words }) => words),
      [
        ["set", "A=1"],
        ["node", "x"],
      ],
    );
  });

  it("PowerShell sets a variable by itself", () => {
    const set = (line: string) => readShellCommands(line).map(({ words }) => powerShellAssignment(words));
    assert.deepEqual(set("$env:PORT=3005; npm run dev"), [{ PORT: "3005" }, undefined]);
    assert.deepEqual(set("$Env:PORT = '3005'"), [{ PORT: "3005" }]);
    assert.deepEqual(set("$env:PORT"), [undefined]);
  });
});
