import { digest } from "../../../shared/base/token.ts";
import { became, type FilePart, left } from "./edit.ts";

/** Stands in a text where its seal goes. */
export const sealPlace = "0".repeat(16);
const seal = /(devlatch-init: "?)([0-9a-f]{16})/;

/**
 * A whole file of init's own. It says in itself what it was made as (`devlatch-init: ` and a digest of the rest), so that
 * any version can tell whether others have changed it since: then it is theirs.
 * @param text has {@link sealPlace} behind `devlatch-init: `
 * @param isKept whether one that was made before, by another version, stays as it is
 */
export function sealedFile(path: string, text: string | undefined, isKept = false): FilePart {
  return {
    path,
    put: (there) => {
      if (there === undefined) return became(text === undefined ? undefined : sealed(text));
      if (isKept || text === undefined) return became(there);
      if (!isAsMade(there)) return left(seal.test(there) ? changedSince : "isn't init's");
      const isSame = there.replaceAll("\r\n", "\n") === sealed(text);
      return became(isSame ? there : sealed(text));
    },
    take: (there) => {
      if (isAsMade(there)) return became(undefined);
      return seal.test(there) ? left(changedSince) : became(there);
    },
  };
}

const changedSince = "was changed since init made it, and is yours now";

function sealed(text: string): string {
  return text.replace(seal, `$1${digest(text)}`);
}

function isAsMade(text: string): boolean {
  const plain = text.replaceAll("\r\n", "\n");
  const found = seal.exec(plain)?.[2];
  return found !== undefined && digest(plain.replace(seal, `$1${sealPlace}`)) === found;
}
