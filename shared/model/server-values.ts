import type { Resources } from "./resources.ts";

/** What a server used, on average of the time since it was looked at before. */
export type ServerUse = Omit<Resources, "time">;

/** What each check of the servers measures of one: how long its answer took, and what it used. */
export type ServerQuantity = "answerMs" | keyof ServerUse;

/** Name of one server's quantity among the values of the component `servers`. @param key of its session */
export function serverValue(quantity: ServerQuantity, key: string): string {
  return `${quantity} ${key}`;
}
