/** The address under which a phone opens the app. */
export interface PhoneAddress {
  /** `exp://192.168.1.5:8081` */
  readonly url: string;
  /** Who says so, in a sentence. */
  readonly source: string;
  /** What keeps a phone from reaching it, in sentences. */
  readonly warnings: readonly string[];
}

/** What is shown of an Expo server: where a phone finds it, or why it finds nothing. */
export type PhonePlace =
  | { readonly kind: "looking" }
  | { readonly kind: "found"; readonly address: PhoneAddress }
  | { readonly kind: "none"; readonly reason: string };

/** Keys of Expo's terminal that are buttons. */
export type PhoneKey = "reload" | "menu";

/** Everything that the phone's page shows. Plain text, without escapes. */
export interface PhoneData {
  readonly app: string;
  /** How the server is, in a sentence: `mobile, ready on port 8081`. */
  readonly state: string;
  readonly place: PhonePlace;
  /** Why no key can be pressed; null where they can. */
  readonly noKeys: string | null;
  /** Whether a click can start the server. */
  readonly canStart: boolean;
  /** What came of the last key. */
  readonly said: string;
}
