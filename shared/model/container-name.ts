/** Engines give containers names and ids of these characters only; anything else in their place is no name. */
export const namePattern = /^[\w][\w.-]*$/;

/** What may be a container's name or id, under that key; nothing for what can't be one. */
export function containerName<K extends "name" | "id">(
  key: K,
  value: string | undefined,
): Partial<Record<K, string>> {
  if (value === undefined || !namePattern.test(value)) return {};
  return { [key]: value } as Partial<Record<K, string>>;
}
