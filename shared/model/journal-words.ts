import { formatMs } from "../base/deadline.ts";
import { describeExit } from "./exit.ts";
import type { EventOf, JournalEvent } from "./journal.ts";
import { spokenSession } from "./session-names.ts";

/** What happened, in a sentence without a full stop: for the command line, the editor and agents alike. */
export function describeEvent(event: JournalEvent): string {
  switch (event.kind) {
    case "signal":
      return signalWords(event);
    case "session":
      return sessionWords(event);
    case "lock":
      return lockWords(event);
    case "run":
      return `${runWords(event)} (in ${event.sandboxId})`;
    case "sandbox":
      return `the sandbox ${event.path} was ${sandboxWords(event)}`;
    case "daemon":
      return daemonWords(event);
    case "health":
      return `health of ${event.component}: ${event.from} → ${event.to}: ${event.summary}`;
    case "cleanup":
      return cleanupWords(event);
    case "record":
      return `the record ${event.key} of the shared store ${event.problem}; it isn't believed`;
    case "journal":
      return journalWords(event);
    case "unreadable":
      return `an entry that this version can't read: ${event.text}`;
  }
}

function signalWords({ by, signal, process }: EventOf<"signal">): string {
  const of = process.user === undefined ? "" : ` of ${process.user}`;
  return `${by} sent ${signal} to ${process.pid}${of}: ${process.command}`;
}

function sessionWords({ session, sandboxId, state }: EventOf<"session">): string {
  const why = "error" in state ? `: ${state.error.message}` : "";
  return `${spokenSession(session)} in ${sandboxId} is ${state.kind}${why}`;
}

function lockWords({ key, owner, change }: EventOf<"lock">): string {
  switch (change.kind) {
    case "granted":
      return `${owner} got the lock ${key} (fence ${change.fence}) after ${formatMs(change.waitMs)}`;
    case "released":
      return `${owner} released the lock ${key} (fence ${change.fence}) after ${formatMs(change.holdMs)}`;
    case "lost":
      return `${owner} lost the lock ${key} (fence ${change.fence}) after ${formatMs(change.holdMs)}`;
    case "broken":
      return `the lock ${key} (fence ${change.fence}) was taken from ${owner} by ${change.by}`;
    case "waited":
      return change.code === undefined
        ? `${owner} waited ${formatMs(change.waitMs)} for the lock ${key}`
        : `${owner} waited ${formatMs(change.waitMs)} for the lock ${key} in vain (${change.code})`;
  }
}

function runWords({ key, change }: EventOf<"run">): string {
  switch (change.kind) {
    case "executed":
      return `the run ${key} was started: ${change.command}`;
    case "attached":
      return `a caller attached to the run ${key}`;
    case "replayed":
      return `a caller got the last result of the run ${key}`;
    case "ended":
      return `the run ${key} ${describeExit(change.exit)}`;
    case "cancelled":
      return `the run ${key} was stopped`;
    case "failed":
      return `the run ${key} has no result: ${change.message}`;
  }
}

function sandboxWords({ change }: EventOf<"sandbox">): string {
  switch (change.kind) {
    case "created":
      return "made";
    case "claimed":
      return `claimed by ${change.owner}`;
    case "released":
      return `released by ${change.owner}${change.rescued === null ? "" : `; its work is on ${change.rescued}`}`;
    case "reset":
      return "cleaned for the next owner";
    case "reaped":
      return `taken back from ${change.owner}, whose lease had ended`;
    case "removed":
      return "removed";
  }
}

function daemonWords({ pid, change }: EventOf<"daemon">): string {
  switch (change.kind) {
    case "started":
      return `the daemon ${change.version} started (pid ${pid})`;
    case "stopped":
      return `the daemon ended (pid ${pid}): ${change.reason}`;
    case "took-over":
      return `the daemon (pid ${pid}) took over from one that had died (pid ${change.from})`;
  }
}

function cleanupWords({ what, thing, change }: EventOf<"cleanup">): string {
  switch (change.kind) {
    case "failed":
      return `could not ${what} ${thing}, and will try again: ${change.message}`;
    case "done": {
      const times = change.failures === 1 ? "once" : `${change.failures} times`;
      return `could ${what} ${thing}, after it had failed ${times}`;
    }
    case "fixed":
      return `done by the doctor on request (${what}): ${thing}`;
    case "not-fixed":
      return `the doctor was asked, and it didn't work (${what}): ${thing}: ${change.message}`;
  }
}

function journalWords({ change }: EventOf<"journal">): string {
  if (change.kind === "lost") {
    return `${change.events} events before this one could not be written: ${change.reason}`;
  }
  const where = change.aside === null ? "could not be kept" : `was set aside as ${change.aside}`;
  return `the journal was damaged (${change.reason}) and ${where}; earlier events are there`;
}
