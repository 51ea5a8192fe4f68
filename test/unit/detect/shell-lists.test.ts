import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readShellCommands } from "../../../daemon/detect/shell-list.ts";

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
