import { hostname, userInfo } from "node:os";
import { formatMs, pause } from "../../../shared/base/deadline.ts";
import { DevlatchError, hasCode } from "../../../shared/base/errors.ts";
import type { AppPorts, ClaimedSandbox, PoolSandbox } from "../../../shared/model/sandbox.ts";
import { request } from "../../../shared/operations/operation.ts";
import type { OperationInput } from "../../../shared/operations/operations.ts";
import { sandbox as sandboxOperation } from "../../../shared/operations/sandboxes.ts";
import type { ReleaseResult } from "../../../shared/protocol/methods.ts";
import type { Context } from "../context.ts";
import { type Paint, printable } from "../output/style.ts";
import { table } from "../output/table.ts";
import { shellWord, shortPath } from "../output/words.ts";
import { withConsent } from "./consent.ts";
import { type Report, verb } from "./verb.ts";

const { requests } = sandboxOperation;
type Input = OperationInput<"sandbox">;
type Action = Input["action"];

/** Which flags mean something for which action. */
const flagsOf: Readonly<Record<Action, readonly (keyof Input)[]>> = {
  claim: ["wait", "name", "lease", "ref", "hold", "yes"],
  renew: ["sandbox", "token", "lease"],
  release: ["sandbox", "token", "discard", "skipTeardown"],
  list: [],
};

export const sandbox = verb(sandboxOperation, async (input, context) => {
  refuseForeignFlags(input);
  switch (input.action) {
    case "claim":
      return claim(input, context);
    case "renew":
      return renew(input, context);
    case "release":
      return release(input, context);
    case "list":
      return list(context);
  }
});

/** A flag that would be ignored is a misunderstanding. */
function refuseForeignFlags(input: Input): void {
  const { action, ...given } = input;
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const foreign = names.find((name) => !flagsOf[action].some((own) => own === name));
  if (foreign === undefined) return;
  const what = foreign === "sandbox" ? "no sandbox" : `no --${foreign}`;
  throw new DevlatchError(
    "INVALID_INPUT",
    `sandbox ${action} takes ${what}.`,
    "See: devlatch sandbox --help",
  );
}

async function claim(input: Input, context: Context): Promise<Report | undefined> {
  const connection = await context.ensure();
  const progress = context.output.progress();
  progress.phase(input.wait ? "Claiming a sandbox, waiting for one if need be" : "Claiming a sandbox");
  const caller = { ...context.caller, owner: input.name ?? `${userInfo().username}@${hostname()}` };
  const attempt = (yes: boolean) =>
    request(requests.claim, { ...input, yes }, caller, connection, context.signal).finally(() =>
      progress.done(),
    );
  const claimed = await withConsent(context, input.yes ?? false, attempt, "Let git run them?");
  const report = { data: claimed, text: claimText(claimed, context.output.paint) };
  if (!input.hold) return report;
  await context.output.result(report.data, report.text);
  await hold(claimed, context);
  return undefined;
}

/** Renews the lease, at a third of its life, until interrupted or until the sandbox is another's. */
async function hold({ path, token, leaseMs }: ClaimedSandbox, context: Context): Promise<void> {
  context.output.note("Holding it. Ctrl-C ends this; the lease then runs out unless it is renewed.");
  for (;;) {
    try {
      await pause(leaseMs / 3, context.signal);
      // Connected anew each time: the daemon may have been replaced meanwhile.
      const connection = await context.ensure();
      await context
        .ask(requests.renew, { sandbox: path, token }, connection)
        .finally(() => connection.dispose());
    } catch (error) {
      if (context.signal.aborted) return;
      if (hasCode(error, "SANDBOX_NOT_OWNED") || hasCode(error, "UNKNOWN_SANDBOX")) throw error;
      context.output.note(`Could not be renewed: ${error instanceof Error ? error.message : error}`);
    }
  }
}

async function renew(input: Input, context: Context): Promise<Report> {
  const renewed = await context.ask(requests.renew, input);
  return { data: renewed, text: `${renewed.path} is yours for ${formatMs(renewed.leaseMs ?? 0)} from now` };
}

async function release(input: Input, context: Context): Promise<Report> {
  const released = await context.ask(requests.release, input);
  return { data: released, text: releaseText(released) };
}

async function list(context: Context): Promise<Report> {
  const sandboxes = await context.ask(requests.list, {});
  return { data: sandboxes, text: listText(sandboxes, context.output.paint) };
}

function claimText({ path, ports, leaseMs, token, sandboxId }: ClaimedSandbox, paint: Paint): string {
  return [
    `${paint("bold", path)} is yours for ${formatMs(leaseMs)} (${portsText(ports)})`,
    `Work there: cd ${shellWord(path)} && eval "$(devlatch env)"`,
    `Give it back: devlatch sandbox release in that directory, or devlatch sandbox release ${sandboxId} --token ${token}`,
  ].join("\n");
}

function releaseText({ path, rescued }: ReleaseResult): string {
  const kept = rescued === null ? "" : `\nWhat was nowhere else is kept on the branch ${rescued}`;
  return `${path} was given back${kept}`;
}

/** The sandboxes of a pool, for people. */
export function listText(sandboxes: readonly PoolSandbox[], paint: Paint): string {
  if (sandboxes.length === 0) return "There are no sandboxes yet. Claim one with: devlatch sandbox claim";
  const rows = sandboxes.map(({ sandboxId, path, state, owner, leaseMs, ports }) => [
    sandboxId,
    state,
    printable(owner ?? "-"),
    leaseText(leaseMs),
    portsText(ports),
    printable(shortPath(path)),
  ]);
  return table(["SANDBOX", "STATE", "OWNER", "LEASE", "PORTS", "DIRECTORY"], rows, paint);
}

function leaseText(leaseMs: number | null): string {
  if (leaseMs === null) return "-";
  return leaseMs === 0 ? "ended" : formatMs(leaseMs);
}

function portsText(ports: AppPorts): string {
  return Object.entries(ports)
    .map(([app, port]) => `${app} ${port}`)
    .join(", ");
}
