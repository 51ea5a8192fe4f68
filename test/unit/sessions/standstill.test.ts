import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProcessInfo } from "../../../daemon/processes/processes.ts";
import type { SeenCrash } from "../../../daemon/sessions/dependencies.ts";
import { isQuestion, isWatched, StandstillWatch } from "../../../daemon/sessions/standstill.ts";

for (const [line, asks] of [
  ["? Would you like to share data about this project? (y/N) ", true],
  ["Use port 8082 instead? › (Y/n)", true],
  ["Port 3000 is taken. Use another? [y/N] ", true],
  ["Password:", true],
  ["◆ Which template", true],
  ["Overwrite? yes", true],
  ["", false],
  ["Compiling...", false],
  ["⠋ Building 45%", false],
  ["[=====>     ] 5/10 modules", false],
  ["Listening on http://localhost:3000", false],
] as const) {
  test(`${JSON.stringify(line)} is ${asks ? "a question" : "none"}`, () => {
    assert.equal(isQuestion(line.trim()), asks);
  });
}

/** Processes with these command lines. */
const processesOf = (commands: readonly string[]) => ({
  members: async () => commands.map((_, index) => ({ pid: index + 1, startTime: "b:1" }) as ProcessInfo),
  describe: async ({ pid, startTime }: { pid: number; startTime: string }) => ({
    ...{ pid, startTime },
    command: commands[pid - 1] ?? "",
  }),
});
const root = { leader: { pid: 1, startTime: "b:1" }, cookie: "launch" };

for (const [command, watches] of [
  ["node /srv/app/node_modules/.bin/nodemon server.js", true],
  ["node /srv/app/node_modules/.bin/tsx watch src/main.ts", true],
  ["node --watch server.js", true],
  ["node --watch-path=src server.js", true],
  ["node /srv/app/node_modules/.bin/nest start --watch", true],
  ["node /srv/app/node_modules/.bin/tsc-watch --onSuccess node dist/main.js", true],
  ["bun --hot server.ts", true],
  ["node server.js", false],
  ["node /srv/app/node_modules/.bin/vite --host", false],
  ["node /srv/app/node_modules/.bin/tsc --watch", false],
] as const) {
  test(`\`${command}\` ${watches ? "starts its program again" : "doesn't"}`, async () => {
    assert.equal(await isWatched(processesOf(["npm run dev", command]), root, { proof: "shown" }), watches);
  });
}

/** A watch over what was written, which can be changed. */
function prepare(commands: readonly string[] = ["node a.js"]) {
  const said = { seq: 0, rest: "", crash: undefined as SeenCrash | undefined };
  const watch = new StandstillWatch(root, {
    processes: processesOf(commands),
    ...{ tail: () => [], unfinished: () => said.rest, lastSeq: () => said.seq, crashIn: () => said.crash },
  });
  return { said, watch };
}

test("what a watcher says counts at once, unless it is of a part of several", async () => {
  const { said, watch } = prepare();
  said.crash = { proof: "told" };
  assert.equal((await watch.look(0))?.kind, "crashed");
  const part = prepare();
  part.said.crash = { proof: "told", source: "api" };
  assert.deepEqual([await part.watch.look(0), (await part.watch.look(3_000))?.kind], [undefined, "crashed"]);
});

test("what a program says last counts once nothing more is said, and only under a watcher", async () => {
  const [bare, under] = [prepare(), prepare(["node --watch a.js"])];
  for (const { said } of [bare, under]) said.crash = { proof: "shown" };
  assert.deepEqual([await bare.watch.look(0), await bare.watch.look(9_000)], [undefined, undefined]);
  await under.watch.look(0);
  under.said.seq++;
  assert.equal(await under.watch.look(1_900), undefined);
  assert.equal(await under.watch.look(2_100), undefined, "it spoke meanwhile");
  assert.equal((await under.watch.look(4_000))?.kind, "crashed");
});

test("errors of a compiler count where the program is started once all compiled, and nowhere else", async () => {
  for (const [command, stands] of [
    ["node /srv/app/node_modules/.bin/tsc-watch --onSuccess node dist/main.js", true],
    ["node /srv/app/node_modules/.bin/nest start --watch", true],
    ["node /srv/app/node_modules/.bin/nodemon dist/main.js", false],
  ] as const) {
    const { said, watch } = prepare([command]);
    said.crash = { proof: "uncompiled" };
    await watch.look(0);
    assert.equal((await watch.look(2_100))?.kind, stands ? "crashed" : undefined, command);
  }
});

test("an unfinished line is a question once it stays", async () => {
  const { said, watch } = prepare();
  said.rest = "Sure? (y/N) ";
  await watch.look(0);
  said.rest = "Really sure? (y/N) ";
  assert.equal(await watch.look(2_500), undefined);
  assert.deepEqual(await watch.look(5_000), { kind: "asks", question: "Really sure? (y/N)" });
});
