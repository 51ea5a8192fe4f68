import * as z from "zod";
import { AppName } from "../model/app.ts";
import { secondsMs } from "./duration.ts";
import { type InDirectory, none } from "./fields.ts";
import { type Input, single, steps, to } from "./operation.ts";

const args = z.object({
  action: z.enum(["claim", "renew", "release", "list"]).describe("What to do"),
  sandbox: z.string().optional().describe("Id or path; by default the one this directory is in"),
});
const options = z.object({
  wait: z.coerce
    .number()
    .nonnegative()
    .max(1800)
    .optional()
    .describe("claim: seconds to wait where all are taken; otherwise it fails at once"),
  name: z.string().min(1).max(100).optional().describe("claim: who claims, as others see it"),
  lease: z.coerce
    .number()
    .min(1)
    .max(604_800)
    .optional()
    .describe("claim, renew: seconds until the sandbox may be taken back unless renewed (1800)"),
  ref: z.string().min(1).optional().describe("claim: what to check out instead of this checkout's commit"),
  yes: z
    .boolean()
    .optional()
    .describe("claim: agree to programs that the repository's own git configuration runs on its files"),
  hold: z.boolean().optional().describe("claim: stay and renew the lease until interrupted"),
  token: z.string().min(1).optional().describe("renew, release: the token that claim printed"),
  discard: z
    .boolean()
    .optional()
    .describe("release: also with uncommitted changes; they are kept on a branch devlatch/rescued-…"),
  skipTeardown: z
    .boolean()
    .optional()
    .describe("release: without the teardown of devlatch.json, e.g. where it fails"),
});
type Given = Partial<Input<typeof args, typeof options>>;

/** Who claims, unless the options say: in words, as others see it. */
interface Claimer extends InDirectory {
  readonly owner: string;
}

/** Who gives one back. */
interface Releaser extends InDirectory {
  /** What the teardown inherits. */
  readonly env: Record<string, string>;
}

export const sandbox = steps({
  summary: "Claim, renew, release or list sandboxes: worktrees of this repository with ports of their own.",
  args,
  options,
  palette: null,
  requests: {
    claim: to("sandbox/claim", ({ name, wait, lease, ref, yes }: Given, { cwd, owner }: Claimer) => ({
      cwd,
      owner: name ?? owner,
      waitMs: secondsMs(wait),
      leaseMs: leaseMs(lease),
      ref,
      yes,
    })),
    renew: to("sandbox/renew", ({ sandbox, token, lease }: Given, { cwd }: InDirectory) => ({
      cwd,
      sandbox,
      token,
      leaseMs: leaseMs(lease),
    })),
    release: to(
      "sandbox/release",
      ({ sandbox, token, discard, skipTeardown }: Given, { cwd, env }: Releaser) => ({
        cwd,
        sandbox,
        token,
        discard,
        skipTeardown,
        env,
      }),
    ),
    list: to("sandbox/list", (_: object, { cwd }: InDirectory) => ({ cwd })),
  },
});

/** The protocol counts leases in whole milliseconds. */
function leaseMs(seconds: number | undefined): number | undefined {
  return seconds && Math.round(seconds * 1000);
}

export const env = single({
  summary: "Print PORT and DEVLATCH_PORT_<APP> of this directory's sandbox, for eval in a shell.",
  args: none,
  options: z.object({ app: AppName.optional().describe("The app that PORT is for; by default web") }),
  palette: null,
  method: "sandbox/ports",
  params: (_input, { cwd }: InDirectory) => ({ cwd }),
});
