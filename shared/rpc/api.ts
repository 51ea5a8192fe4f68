import type * as z from "zod";

/**
 * What checks a message: of zod, or of zod/mini. Of the two kinds the first is easier to write with; the second is for
 * what session hosts load too, for each schema of the first has all its methods with it: that made a host 2.4 MB larger.
 */
export type Schema = z.core.$ZodType & {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: unknown }
    | { readonly success: false; readonly error: z.core.$ZodError };
};

/** A method: what goes in, what comes out, how long its answer may take at most. */
export interface Method<P extends Schema = Schema, R extends Schema = Schema> {
  readonly params: P;
  readonly result: R;
  /**
   * Upper bound for an answer in milliseconds, or how it follows from the parameters. The serving end aborts the work
   * then, the calling end gives up a little later.
   */
  readonly deadlineMs: number | ((params: never) => number);
}

export type Methods = Readonly<Record<string, Method>>;
export type Notifications = Readonly<Record<string, Schema>>;

/** All messages of one kind of connection. */
export interface Api {
  /** What the serving end answers. */
  readonly methods: Methods;
  /** What the serving end says unasked. */
  readonly notifications: Notifications;
  /** What the calling end says without expecting an answer. */
  readonly clientNotifications: Notifications;
}

export type NameOf<T> = keyof T & string;
/** Parameters as a caller writes them (defaults may be left out). */
export type ParamsOf<T extends Methods, M extends NameOf<T>> = z.input<T[M]["params"]>;
/** Parameters as a handler receives them (defaults filled in). */
export type CheckedParamsOf<T extends Methods, M extends NameOf<T>> = z.output<T[M]["params"]>;
export type ResultOf<T extends Methods, M extends NameOf<T>> = z.output<T[M]["result"]>;
export type ValueOf<T extends Notifications, N extends NameOf<T>> = z.output<T[N]>;

/** Any notification of a table, told apart by its name. */
export type Notified<T extends Notifications> = {
  [N in NameOf<T>]: { readonly name: N; readonly value: ValueOf<T, N> };
}[NameOf<T>];

/** The deadline of one call, in milliseconds. */
export function deadlineOf({ deadlineMs }: Method, params: unknown): number {
  return typeof deadlineMs === "number" ? deadlineMs : (deadlineMs as (given: unknown) => number)(params);
}
