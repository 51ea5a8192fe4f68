/** A server's terminal as a workspace remembers it. */
export interface Remembered {
  /** Of the server: its sandbox and app. */
  readonly key: string;
  /** The column of editors it stood in; absent where it stood in the panel. */
  readonly column?: number;
}

/** More are never opened at once. */
const mostTerminals = 20;

/** Reads what a workspace remembers; what isn't as this version writes it is left out. */
export function rememberedIn(kept: unknown): readonly Remembered[] {
  if (!Array.isArray(kept)) return [];
  return kept.flatMap((value) => remembered(value) ?? []).slice(0, mostTerminals);
}

function remembered(value: unknown): Remembered | undefined {
  const { key, column } = (value ?? {}) as Partial<Record<keyof Remembered, unknown>>;
  if (typeof key !== "string") return undefined;
  return isColumn(column) ? { key, column } : { key };
}

function isColumn(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 9;
}
