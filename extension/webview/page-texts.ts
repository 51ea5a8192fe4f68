/** Id of the element in which a page finds its texts, as JSON. */
export const textsId = "texts";

/** Texts of one language by their English, as the editor gives them; those that are missing are shown in English. */
export interface PageTexts {
  /** BCP 47, e.g. `de`. */
  readonly language: string;
  readonly texts: Readonly<Record<string, string>>;
}

/** JSON that ends no element, whatever a translation says. */
export function textsJson(texts: PageTexts["texts"]): string {
  return JSON.stringify(texts).replaceAll("<", "\\u003c");
}
