import { isAbsolute } from "node:path";
import { formatMs } from "../base/deadline.ts";
import { isWithin } from "../base/within.ts";
import type { PoolSandbox } from "../model/sandbox.ts";
import { sandbox } from "../operations/sandboxes.ts";
import { paragraphs, shortLine, type ToolAnswer } from "./answer.ts";
import { ask, type Here, look } from "./asking.ts";
import { requireConsent, withConsent } from "./consent.ts";
import { directoryOf } from "./place.ts";
import { tool } from "./tool.ts";

const { requests } = sandbox;
const { action } = sandbox.args.shape;
const which = sandbox.args.shape.sandbox.describe("Id or path");
const ref = sandbox.options.shape.ref.describe("claim: commit or branch");
const wait = sandbox.options.shape.wait.describe("claim: seconds to wait for one");
const discard = sandbox.options.shape.discard.describe("release: although changed; kept on a branch");
/** As many are shown in one answer. */
const mostShown = 16;

export const sandboxTool = tool("sandbox", {
  title: "Claim or release a sandbox",
  description: "Sandboxes: worktrees of this repository with ports of their own, to work side by side.",
  hints: { readOnly: false, destructive: true, idempotent: false },
  fields: { action, sandbox: which, ref, wait, discard },
  work: async ({ directory, action: does, ...input }, caller) => {
    const here = { cwd: await directoryOf(directory, caller), caller };
    switch (does) {
      case "claim":
        return claim(input, here);
      case "list":
        return list(here);
      case "renew": {
        const own = await leased("renew", input.sandbox, here);
        const renewed = await ask(requests.renew, { ...input, ...own.input }, own.here);
        return { text: line(renewed), data: facts(renewed) };
      }
      case "release": {
        const own = await leased("release", input.sandbox, here);
        const { sandboxId, path, rescued } = await ask(
          requests.release,
          { ...input, ...own.input },
          own.here,
        );
        caller.belongings.tokens.delete(sandboxId);
        caller.belongings.directories.delete(path);
        const kept = rescued === null ? "" : `What existed nowhere else is on the branch ${rescued}.`;
        return { text: shortLine(`${path} was released. ${kept}`), data: { sandboxId, path, rescued } };
      }
    }
  },
});

async function claim(input: Parameters<typeof requests.claim.params>[0], here: Here): Promise<ToolAnswer> {
  const { caller, cwd } = here;
  const wanted = {
    what: `claim a sandbox of ${cwd}`,
    agree: "Let git run them",
    command: "devlatch sandbox claim --yes",
  };
  caller.progress("Claiming a sandbox");
  const claimed = await withConsent(caller, wanted, (yes) => ask(requests.claim, { ...input, yes }, here));
  const { sandboxId, path, token, commit } = claimed;
  caller.belongings.tokens.set(sandboxId, token);
  caller.belongings.directories.add(path);
  const use = "Give it as `directory` to the other tools; renew it before the lease ends.";
  return { text: paragraphs(line(claimed), use), data: { ...facts(claimed), commit } };
}

async function list(here: Here): Promise<ToolAnswer> {
  const all = await look(requests.list, {}, here);
  const shown = all.slice(0, mostShown);
  const more = all.length > shown.length ? `… and ${all.length - shown.length} more` : "";
  return {
    text: paragraphs(...(all.length === 0 ? ["No sandboxes."] : shown.map(line)), more),
    data: { sandboxes: shown.map(facts), count: all.length },
  };
}

/**
 * What proves that a lease is this agent's: the token, as long as the agent is connected. For another's a person must agree;
 * the daemon then takes the token that it keeps for callers in the sandbox's own directory.
 */
async function leased(verb: "renew" | "release", given: string | undefined, here: Here) {
  const { cwd, caller } = here;
  const { tokens } = caller.belongings;
  const all = await look(requests.list, {}, here);
  const named = given ?? cwd;
  const meant = all.find(({ sandboxId, path }) => sandboxId === named || isWithin(named, path));
  const id = meant?.sandboxId ?? named;
  const token = tokens.get(id);
  if (token !== undefined) return { input: { sandbox: id, token }, here };
  const command = `devlatch sandbox ${verb}`;
  const owner =
    meant?.owner === undefined || meant.owner === null ? "not this agent's" : `that of ${meant.owner}`;
  const wanted = {
    what: `${verb} the sandbox ${named}`,
    agree: verb === "renew" ? "Renew it" : "Release it",
    command,
  };
  await requireConsent(caller, wanted, `It is ${owner}.`);
  const path = meant?.path ?? (isAbsolute(named) ? named : cwd);
  return { input: { sandbox: given }, here: { cwd: path, caller } };
}

function facts({ sandboxId, path, ports, owner, leaseMs, state }: PoolSandbox) {
  const leaseSeconds = leaseMs === null ? null : Math.round(leaseMs / 1_000);
  return {
    sandboxId,
    path,
    ports,
    owner: owner === null ? null : shortLine(owner, 100),
    state,
    leaseSeconds,
  };
}

function line({ path, state, owner, ports, leaseMs }: PoolSandbox): string {
  const shown = Object.entries(ports).map(([app, port]) => `${app} ${port}`);
  const who = owner === null ? "" : `, ${owner}'s`;
  const lease = leaseMs === null ? "" : `, lease ${formatMs(leaseMs)}`;
  return shortLine(`${path}: ${state}${who}${lease}; ports: ${shown.join(", ")}`, 300);
}
