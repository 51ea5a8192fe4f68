import type { OperationName } from "./operations.ts";

/**
 * Opens `devlatch.json`. Given `{app, cwd, command}` of a package's script, with that app written into it, unsaved.
 */
export const openConfigCommand = "devlatch.openConfig";

/** The id of the palette command that does an operation in an editor. */
export function commandId<N extends OperationName>(name: N): `devlatch.${N}` {
  return `devlatch.${name}`;
}
