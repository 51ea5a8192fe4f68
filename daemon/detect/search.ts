/** Where an app is looked for. */
export interface Search {
  readonly app: string;
  /** Directory the caller works in. */
  readonly from: string;
  /** Root of the sandbox: where `devlatch.json` is or would be. */
  readonly root: string;
  /** Look into the package of `from` alone: the configuration says that the app is there. */
  readonly only: boolean;
  /** The names that the configuration has, to offer them in place of one that it hasn't. */
  readonly configured?: readonly string[];
}
