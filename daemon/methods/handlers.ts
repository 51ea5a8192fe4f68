import type { Scope } from "../../shared/base/disposable.ts";
import type {
  CheckedParams,
  ClientNotification,
  ClientNotificationName,
  MethodName,
  Notification,
  NotificationName,
  Result,
} from "../../shared/protocol/contract.ts";
import type { ClientInfo } from "../../shared/protocol/handshake.ts";

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
export interface CallContext extends Caller {
  /** Aborts at the method's deadline and when the caller cancels. */
  readonly signal: AbortSignal;
}

/** One handler per method; leaving one out doesn't compile. */
export type Handlers = {
  readonly [M in MethodName]: (params: CheckedParams<M>, call: CallContext) => Promise<Result<M>>;
};

/** One listener per notification that clients send. No client waits for it: it must not take long, nor act. */
export type Listeners = {
  readonly [N in ClientNotificationName]: (value: ClientNotification<N>, caller: Caller) => void;
};
