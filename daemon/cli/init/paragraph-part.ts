import { became, type FilePart, left } from "./edit.ts";
import { findBlock, markdownMarks, putBlock, takeBlock } from "./marked-block.ts";

const brokenMarks = `has the lines ${markdownMarks.begin} and ${markdownMarks.end} not just once each`;

/**
 * A paragraph between marks in a file of instructions.
 * @param isMade whether a file is made where there is none
 */
export function paragraphPart(path: string, lines: readonly string[], isMade: boolean): FilePart {
  return {
    path,
    put: (text) => {
      if (text === undefined && !isMade) return became(undefined);
      const block = findBlock(text ?? "", markdownMarks);
      if (block.kind === "broken") return left(brokenMarks);
      // It has what is said elsewhere: said twice it would only cost the agent's attention.
      if (!isMade && block.kind === "none" && importsAgents(text ?? "")) return became(text);
      return became(putBlock(text, lines, markdownMarks));
    },
    take: (text) =>
      findBlock(text, markdownMarks).kind === "broken"
        ? left(brokenMarks)
        : became(takeBlock(text, markdownMarks)),
  };
}

/** Whether a file of instructions takes AGENTS.md in. */
function importsAgents(text: string): boolean {
  return /(?:^|\s)@(?:\.\/)?AGENTS\.md\b/m.test(text);
}
