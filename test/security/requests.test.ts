import assert from "node:assert/strict";
import { it } from "node:test";
import * as z from "zod";
import type { Methods } from "../../shared/rpc/api.ts";
import { dispatch } from "../../shared/rpc/serving.ts";

const methods = {
  list: { params: z.object({ words: z.array(z.string()) }), result: z.object({}), deadlineMs: 1_000 },
} as const satisfies Methods;
const served = { methods, handlers: { list: () => ({}) }, name: "The test", remedy: "" };
const { signal } = new AbortController();
const ask = (params: unknown) => dispatch(served, "list", params, { signal });

it("an answer to a wrong request names five faults and counts the others", async () => {
  await assert.rejects(ask({ words: Array(100).fill(1) }), ({ message }: Error) => {
    assert.equal(message.match(/words\.\d+:/g)?.length, 5);
    assert.match(message, /and 95 more/);
    return true;
  });
});

it("a list of millions is refused by its number, at once", async () => {
  const params = { words: Array(5_000_000).fill(1) };
  await assert.rejects(ask(params), /words: has 5000000 entries, more than 10000/);
});

it("what is nested deeper than any request is refused", async () => {
  let nested: unknown = 1;
  for (let depth = 0; depth < 100; depth++) nested = [nested];
  await assert.rejects(ask({ words: nested }), /is nested deeper than 64/);
});

it("as many values as a request may have pass", async () => {
  assert.deepEqual(await ask({ words: Array(10_000).fill("x") }), {});
});
