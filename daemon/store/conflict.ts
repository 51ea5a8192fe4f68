import { DevlatchError } from "../../shared/base/errors.ts";

/** @param found version the record has instead */
export function recordConflict(key: string, found: string | number | undefined): DevlatchError {
  return new DevlatchError(
    "RECORD_CONFLICT",
    `The record ${key} was changed by another writer: it has version ${found} now.`,
    "Read it again and repeat the change.",
  );
}
