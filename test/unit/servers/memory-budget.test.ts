import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryBudget } from "../../../daemon/servers/memory-budget.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import type { OverBudget } from "../../../shared/model/budget.ts";
import type { SessionRecord } from "../../../shared/model/session.ts";

interface Given {
  readonly app: string;
  readonly megabytes?: number;
  readonly by?: "agent" | "terminal";
  readonly state?: "ready" | "starting";
  readonly held?: boolean;
  readonly person?: boolean;
  readonly unusedSince?: number;
}

const megabyte = 1024 * 1024;

/** A machine of 1000 MB, of which servers may use half. @returns what is offered before one more is started */
async function offered(...servers: readonly Given[]): Promise<OverBudget | undefined> {
  const of = ({ app }: { readonly app: string }) => servers.find((one) => one.app === app);
  const records = servers.map(
    ({ app, by = "agent", state = "ready" }) =>
      ({
        ...{ app, session: `dev_server_${app}`, sandboxId: "sb_1", root: `/${app}`, startedAt: 1_000 },
        ...{ startedBy: { kind: by, label: `${by} x` }, state: { kind: state } },
      }) as unknown as SessionRecord,
  );
  const used = (key: string) => {
    const megabytes = servers.find(({ app }) => key.endsWith(app))?.megabytes;
    return megabytes === undefined
      ? undefined
      : { time: 0, cpuPercent: 0, memoryBytes: megabytes * megabyte, processes: 1 };
  };
  const budget = new MemoryBudget({
    ...{
      hosted: () => records,
      used,
      percent: () => 50,
      memoryBytes: 1_000 * megabyte,
      now: async () => 61_000,
    },
    holders: {
      isHeld: async (place) => of(place)?.held ?? false,
      unusedSince: (place) => of(place)?.unusedSince,
      wasUsedByPerson: (place) => of(place)?.person ?? false,
    },
  });
  try {
    await budget.requireRoom("web");
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DevlatchError);
    assert.equal(error.code, "OVER_BUDGET");
    return error.data as OverBudget;
  }
}

test("beyond the budget the longest unused server of an agent is offered", async () => {
  const found = await offered(
    { app: "late", megabytes: 200, unusedSince: 50_000 },
    { app: "early", megabytes: 200, unusedSince: 31_000 },
    { app: "never", megabytes: 100, unusedSince: 45_000 },
  );
  assert.deepEqual(
    [found?.unused.app, found?.unused.root, found?.unused.unusedMs],
    ["early", "/early", 30_000],
  );
  assert.deepEqual([found?.usedBytes, found?.budgetBytes], [500 * megabyte, 500 * megabyte]);
});

test("one that was never held counts from its start", async () => {
  assert.equal((await offered({ app: "a", megabytes: 400 }))?.unused.unusedMs, 60_000);
});

test("what a person started or used, what is in use and what only begins is never offered", async () => {
  const large = { app: "a", megabytes: 499 } as const;
  assert.equal((await offered(large))?.unused.app, "a");
  for (const kept of [{ by: "terminal" }, { person: true }, { held: true }, { state: "starting" }] as const)
    assert.equal(await offered({ ...large, ...kept }), undefined, JSON.stringify(kept));
});

test("within the budget, with none that runs, or none there are figures of, there is room", async () => {
  assert.equal(await offered(), undefined);
  assert.equal(await offered({ app: "a" }), undefined);
  assert.equal(await offered({ app: "a", megabytes: 250 }), undefined, "and one more like it just fits");
  assert.notEqual(await offered({ app: "a", megabytes: 251 }), undefined);
});
