/** The file that the build makes of `answering.ts` with all it needs. The editor's package, which has to be small, is without it. */
export const guardFile = "guard.js";
