import { commandDecoders } from "./command-decoders.ts";
import { initDecoders } from "./init-decoders.ts";
import { messageDecoders } from "./message-decoders.ts";
import { outputDecoders } from "./output-decoders.ts";
import { systemDecoders } from "./system-decoders.ts";

/** Something that reads what others wrote. */
export interface Decoder {
  readonly name: string;
  /** Inputs as they should be: others are made of them. */
  readonly seeds: readonly string[];
  /** @returns what was understood; its size is looked at */
  readonly decode: (input: Buffer) => unknown;
}

/** Every decoder of the product that can be had without a process around it. */
export const decoders: readonly Decoder[] = [
  ...messageDecoders,
  ...commandDecoders,
  ...outputDecoders,
  ...systemDecoders,
  ...initDecoders,
];
