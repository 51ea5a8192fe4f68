import type { OperationName } from "./operations.ts";

/** The id of the palette command that does an operation in an editor. */
export function commandId<N extends OperationName>(name: N): `devlatch.${N}` {
  return `devlatch.${name}`;
}
