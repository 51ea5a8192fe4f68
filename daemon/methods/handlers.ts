import type { Scope } from "../../shared/base/disposable.ts";
import type { ClientInfo } from "../../shared/protocol/handshake.ts";
import type {
  clientNotifications,
  methods,
  Notification,
  NotificationName,
} from "../../shared/protocol/methods.ts";
import type * as rpc from "../../shared/rpc/serving.ts";

/** The client at the other end of a connection. */
export interface Caller {
  readonly client: ClientInfo;
  /** Ends with the connection. */
  readonly scope: Scope;
  notify<N extends NotificationName>(name: N, value: Notification<N>): void;
  /** What waits to be sent because the client reads slowly, in bytes. */
  backlog(): number;
}

/** What a handler knows about its caller. */
export type CallContext = Caller & rpc.Call;

/** One handler per method; leaving one out doesn't compile. */
export type Handlers = rpc.Handlers<typeof methods, CallContext>;

/** One listener per notification that clients send. */
export type Listeners = rpc.Listeners<typeof clientNotifications, Caller>;
