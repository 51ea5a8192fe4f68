import type { Disposable } from "../base/disposable.ts";
import type { Event } from "../base/emitter.ts";
import type { NameOf, Notifications, Notified, ValueOf } from "./api.ts";

/** A notification that was checked, or what is wrong with it. */
export type Heard<T extends Notifications> =
  | { readonly kind: "fits"; readonly notified: Notified<T> }
  | { readonly kind: "dropped"; readonly why: string };

/** Checks what the other end said unasked. */
export function hear<T extends Notifications>(table: T, name: string, value: unknown): Heard<T> {
  const schema = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!schema) return { kind: "dropped", why: "no such notification" };
  const parsed = schema.safeParse(value);
  if (!parsed.success) return { kind: "dropped", why: parsed.error.message };
  return { kind: "fits", notified: { name, value: parsed.data } as unknown as Notified<T> };
}

/** Listens to the notifications of one name. */
export function listenTo<T extends Notifications, N extends NameOf<T>>(
  event: Event<Notified<T>>,
  name: N,
  listener: (value: ValueOf<T, N>) => void,
): Disposable {
  return event((notified) => {
    if (notified.name === name) listener(notified.value as ValueOf<T, N>);
  });
}
