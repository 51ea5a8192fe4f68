/** The pages of help, and a line on each. Their texts are in `pages.ts`. */
export const topics = {
  agents: "what a coding agent needs to know",
  redis: "one sandbox for several machines or containers",
  worktrees: "several checkouts of one repository at once",
} as const;

export type Topic = keyof typeof topics;

export function isTopic(word: string): word is Topic {
  return Object.hasOwn(topics, word);
}
