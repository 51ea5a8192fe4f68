import { parseLockKey, parseRecordKey } from "../../../shared/model/keys.ts";
import { isDerived } from "../../../shared/model/sandbox.ts";

/** Whether a lock or record concerns this machine only, so that no other machine can mind what is done with it. */
export function isOwnKey(key: string): boolean {
  const { scope, id } = parseLockKey(key) ?? parseRecordKey(key) ?? { scope: "store", id: "" };
  switch (scope) {
    case "sandbox":
      return isDerived(id);
    // A pool belongs to one machine; daemons are told apart by their own ids.
    case "pool":
    case "machine":
    case "daemon":
      return true;
    case "store":
      return false;
  }
}

/** Whether a list of records with this prefix can hold any of this machine's own. */
export function mayBeOwn(prefix: string): boolean {
  const scope = parseRecordKey(`${prefix}_`)?.scope;
  return scope !== undefined && scope !== "store";
}
