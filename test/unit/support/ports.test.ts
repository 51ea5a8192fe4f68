import assert from "node:assert/strict";
import { test } from "node:test";
import { startProgram } from "../../support/child.ts";
import { freePort, isPortFree } from "../../support/ports.ts";

const ports = new URL("../../support/ports.ts", import.meta.url).href;

/** Asks for more ports than a block has, says which it was given and stays. */
const asker = `
  const { freePort } = await import(${JSON.stringify(ports)});
  const given = new Set();
  for (let asked = 0; asked < 250; asked++) given.add(await freePort());
  console.log([...given].join());
  setInterval(() => {}, 1_000);
`;

test("processes that live at once are never given the same port, however often they ask", async (t) => {
  const given = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const program = await startProgram(process.execPath, ["--input-type=module", "-e", asker]);
      t.after(() => program.process.kill("SIGKILL"));
      const [text] = await program.printed(/^[\d,]+$/m);
      return text.split(",");
    }),
  );
  assert.ok(given.every(({ length }) => length > 100));
  assert.equal(new Set(given.flat()).size, given.flat().length);
});

test("a port that is handed out is free, and another one each time", async () => {
  const [one, other] = [await freePort(), await freePort()];
  assert.notEqual(one, other);
  assert.deepEqual([await isPortFree(one), await isPortFree(other)], [true, true]);
});
