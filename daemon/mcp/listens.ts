import type { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";

/** What a client of the protocol of 2026-07-28 sends to be told of changes. */
const Listen = z.object({
  method: z.literal("subscriptions/listen"),
  id: z.union([z.string(), z.number()]),
  params: z.object({ notifications: z.object({ resourceSubscriptions: z.array(z.string()).default([]) }) }),
});
const Cancelled = z.object({
  method: z.literal("notifications/cancelled"),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
});

/**
 * Watches which addresses a client listens to: the kit answers it by itself, and tells no one. Call it once the kit has
 * taken the transport.
 * @param transport whose messages are looked at; they go on to the kit
 */
export function watchListens(
  transport: Pick<StdioServerTransport, "onmessage">,
  listener: { listening(uris: readonly string[]): void; left(uris: readonly string[]): void },
): void {
  const open = new Map<string | number, readonly string[]>();
  const onward = transport.onmessage;
  transport.onmessage = (message) => {
    onward?.(message);
    const listen = Listen.safeParse(message);
    if (listen.success) {
      const { id, params } = listen.data;
      open.set(id, params.notifications.resourceSubscriptions);
      listener.listening(params.notifications.resourceSubscriptions);
    }
    const cancelled = Cancelled.safeParse(message).data?.params.requestId;
    if (cancelled === undefined) return;
    const uris = open.get(cancelled) ?? [];
    open.delete(cancelled);
    const still = new Set([...open.values()].flat());
    listener.left(uris.filter((uri) => !still.has(uri)));
  };
}
