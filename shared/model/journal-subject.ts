import type { JournalEvent } from "./journal.ts";

/** What an event is about, as far as entries can be asked for by it. */
export function subjectOf(event: JournalEvent): { readonly sandboxId?: string; readonly session?: string } {
  switch (event.kind) {
    case "session":
    case "run":
      return { sandboxId: event.sandboxId, session: event.session };
    case "sandbox":
      return { sandboxId: event.sandboxId };
    case "signal":
      return event.by === "daemon" ? {} : { session: event.by };
    default:
      return {};
  }
}
