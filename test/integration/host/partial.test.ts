import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runProgram } from "../../support/child.ts";

test("a client whose host goes in the middle of a message has nothing left to do, and its process ends", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "devlatch-partial-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const client = new URL("../../../daemon/hosts/client.ts", import.meta.url).href;
  const program = `
    import { createServer } from "node:net";
    import { connectHost } from ${JSON.stringify(client)};
    const server = createServer((socket) => {
      socket.write("Content-Length: 1000\\r\\n\\r\\nbegun");
      setTimeout(() => { socket.destroy(); server.close(); }, 100);
    });
    await new Promise((resolve) => server.listen(${JSON.stringify(join(directory, "host.sock"))}, resolve));
    const connection = await connectHost(${JSON.stringify(directory)});
    await new Promise((resolve) => connection.onClosed(resolve));
  `;
  const file = join(directory, "client.mjs");
  writeFileSync(file, program);
  const { code, stderr } = await runProgram(process.execPath, [file]);
  assert.deepEqual([code, stderr], [0, ""]);
});
