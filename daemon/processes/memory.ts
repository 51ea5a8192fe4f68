import { setFlagsFromString } from "node:v8";

/**
 * Keeps the young generation as small as it begins. V8 lets it grow to 16 MB and more under load, which pays for programs
 * that make much garbage all the time; a daemon or host that waits most of the time would keep some 40 MB for nothing. The flag is
 * read whenever V8 thinks of growing (heap/new-spaces.cc, `Grow`), so that it may be set here, whoever launched the runtime.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
