import assert from "node:assert/strict";
import { test } from "node:test";
import { LastComparison } from "../../../daemon/sessions/last-comparison.ts";
import { record } from "../language/texts.ts";

const servers = [
  record("web", { command: ["node"], cwd: "/" }),
  record("api", { command: ["node"], cwd: "/" }),
];

test("servers that were as recorded are, while no socket of the machine is another one", () => {
  const last = new LastComparison();
  assert.equal(last.stands(servers, "11 12", 0), false, "nothing was compared yet");
  last.allFit(servers, "11 12", 0);
  assert.equal(last.stands(servers, "11 12", 2_000), true);
  assert.equal(last.stands(servers, "11", 2_000), false, "one closed its socket");
  assert.equal(last.stands(servers, "11 12 13", 2_000), false, "something else listens");
  assert.equal(last.stands(servers, undefined, 2_000), false, "the system doesn't tell");
});

test("a new state, another server, output or ten seconds make each of them be looked at again", () => {
  const last = new LastComparison();
  last.allFit(servers, "11", 0);
  const [web, api] = servers;
  assert.ok(web && api);
  assert.equal(last.stands([{ ...web, state: { ...web.state } }, api], "11", 0), false);
  assert.equal(last.stands([web], "11", 0), false);
  assert.equal(last.stands(servers, "11", 10_000), false);
  last.forget();
  assert.equal(last.stands(servers, "11", 0), false);
});

test("where sockets aren't told nothing ever stands", () => {
  const last = new LastComparison();
  last.allFit(servers, undefined, 0);
  assert.equal(last.stands(servers, undefined, 0), false);
});
