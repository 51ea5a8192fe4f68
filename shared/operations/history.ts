import * as z from "zod";
import { JournalKind } from "../model/journal.ts";
import { MessageKind } from "../model/thread.ts";
import { type AtMoment, after, moments, none, ofApp } from "./fields.ts";
import { logsRequest, pageParams } from "./history-requests.ts";
import { single } from "./operation.ts";
import { palette } from "./palette.ts";

const before = z.coerce.number().int().positive();
const limit = z.coerce.number().int().min(1).max(5000);

const logsOptions = z.object({
  cursor: after.optional().describe("Only messages after this sequence (0: from the oldest kept)"),
  before: before.optional().describe("Only messages before this sequence"),
  limit: limit.optional().describe("At most this many messages"),
  follow: z.boolean().optional().describe("Go on as new messages come, until interrupted"),
  grep: z.string().optional().describe("Only messages that match this regular expression"),
  search: z.string().optional().describe("Only messages with all these words (word* for a beginning)"),
  kind: MessageKind.optional().describe("Only what the server wrote, or only what Devlatch did"),
  since: z.string().optional().describe(`Only from then on: ${moments}`),
  until: z.string().optional().describe("Only up to then"),
});
export const logs = single({
  summary: "Show what an app's dev server wrote, page by page or as it comes.",
  args: ofApp,
  apps: "several",
  options: logsOptions,
  palette: palette.logs,
  ...logsRequest,
});

export const journal = single({
  summary:
    "Show what happened on this machine: servers, runs, locks, sandboxes, the daemon, and every signal sent.",
  args: none,
  options: z.object({
    cursor: after.optional().describe("Only entries after this sequence (0: from the oldest kept)"),
    before: before.optional().describe("Only entries before this sequence, the last of them"),
    limit: limit.optional().describe("At most this many entries"),
    since: z.string().optional().describe(`Only from then on: ${moments}`),
    until: z.string().optional().describe("Only up to then"),
    kind: JournalKind.optional().describe("Only entries of this kind"),
    follow: z.boolean().optional().describe("Go on as new entries come, until interrupted"),
  }),
  palette: null,
  method: "journal/read",
  params: (page, { now }: AtMoment) => pageParams(page, now),
});
