/**
 * A derived sandbox id (see `sandboxIdOf`) where a key has its sandbox; what a user named may come after it. An explicit
 * id can't look like it.
 */
const derivedSandbox = /^[a-z_]+(?::\{|\/)sb_[0-9a-f]{16}(?:[/}]|$)/;
/** A pool belongs to one machine; daemons are told apart by their own ids. */
const ownKinds = /^(?:sandbox_pool|sandbox_ports)[:/]|^daemon\//;
/** Kinds of records of which some are this machine's own. */
const mixedKinds = ["session/", "holders/", "run/", "sandbox_pool/", "sandbox_ports/", "daemon/"];

/** Whether a lock or record concerns this machine only, so that no other machine can mind what is done with it. */
export function isOwnKey(key: string): boolean {
  return ownKinds.test(key) || derivedSandbox.test(key);
}

/** Whether a list of records with this prefix can hold any of this machine's own. */
export function mayBeOwn(prefix: string): boolean {
  return mixedKinds.some((kind) => prefix.startsWith(kind));
}
