import { translatableTexts } from "../../.ci/packages/texts.ts";
import { repository } from "./paths.ts";

/** The editor's own name for a language that shows what can be translated. */
export const pseudoLanguage = "qps-ploc";

const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const strange = "åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ";

/** A text in it, without a plain letter: a plain word that is shown was never translated. */
export function pseudo(text: string): string {
  const letters = text.replaceAll(/[A-Za-z]/g, (letter) => strange[plain.indexOf(letter)] ?? letter);
  return `⟦${letters}⟧`;
}

/** All texts of the extension in it, as a language's bundle. */
export function pseudoTexts(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(translatableTexts(repository)).map((text) => [text, pseudo(text)]));
}
