/** Whether the caller wants one JSON document; known even where the rest can't be parsed. */
export function wantsJson(argv: readonly string[]): boolean {
  return splitTrailing(argv).own.includes("--json");
}

/** The letters of a word like `-lq` that are flags alone, without a value; none where it is anything else. */
export function lettersOf(word: string): readonly string[] {
  return /^-[hlq]{1,3}$/.test(word) ? [...word.slice(1)] : [];
}

/** Whether only results and errors are wanted; known even where the rest can't be parsed. Letters may stand together. */
export function wantsQuiet(argv: readonly string[]): boolean {
  return splitTrailing(argv).own.some((word) => word === "--quiet" || lettersOf(word).includes("q"));
}

/** Whether help is asked for, whatever else is. */
export function wantsHelp(argv: readonly string[]): boolean {
  return splitTrailing(argv).own.some((word) => word === "--help" || word === "-h");
}

/** The first word that isn't a flag of ours or its value: the verb, if anything is. */
export function firstWord(argv: readonly string[]): string | undefined {
  const { own } = splitTrailing(argv);
  return own.find((word, index) => !word.startsWith("-") && own[index - 1] !== "--cwd");
}

/** What stands after the first `--` is a command with flags of its own; nothing of it is ours to read. */
export function splitTrailing(argv: readonly string[]): { own: string[]; trailing: string[] | undefined } {
  const at = argv.indexOf("--");
  return at < 0
    ? { own: [...argv], trailing: undefined }
    : { own: argv.slice(0, at), trailing: argv.slice(at + 1) };
}
