import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { DevlatchError } from "./errors.ts";
import { shellWord } from "./shell-word.ts";

/** What a path should lead to; `anything` where only its owner and mode count, and opening it tells the rest. */
export type PathKind = "directory" | "file" | "socket" | "anything";

/** Why a path can't be believed. `path` is the faulty part: the thing itself, a directory above it, or a link to it. */
export type PathFault = { readonly path: string } & (
  | { readonly kind: "owner"; readonly uid: number }
  /** `mode`: the permission bits, e.g. `0o1777`. */
  | { readonly kind: "mode"; readonly mode: number }
  | { readonly kind: "kind"; readonly found: string; readonly wanted: PathKind }
  | { readonly kind: "unseen"; readonly why: string }
);

/** As many links as Linux follows in one path (path_resolution(7)). */
const mostLinks = 40;
const othersMayWrite = 0o022;
const sticky = 0o1000;

/**
 * Whether another user could have written what is at `path`, as sshd asks of a user's keys (sshd_config(5), StrictModes):
 * the thing, every directory above it and every link on the way belong to this user or root, and neither group nor others
 * may write to them. A sticky directory such as `/tmp` may be on the way, because only the owner can replace what is in it.
 * What is missing is still to be made: then what is there of its way is looked at. An access list shows in the group's bits.
 *
 * Windows has neither owners nor modes in this sense, its user directories are private by their access lists: no check.
 *
 * @param path absolute, or relative to the current directory
 * @param me the user who asks
 * @param ownGroup a group that has this user alone: it may write
 * @returns undefined where there is no fault
 */
export function faultOf(
  path: string,
  wanted: PathKind,
  me = process.getuid?.(),
  ownGroup?: number,
): PathFault | undefined {
  if (me === undefined) return undefined;
  const ahead = namesOf(isAbsolute(path) ? path : `${process.cwd()}/${path}`);
  let at = "/";
  const asker = { me, ownGroup };
  let fault = faultAt(at, look(at), asker, ahead.length > 0 ? "passed" : wanted);
  for (let links = 0; fault === undefined && ahead.length > 0; ) {
    const here = join(at, ahead.shift() ?? "");
    const found = look(here);
    if (found === undefined) return undefined;
    fault = faultAt(here, found, asker, ahead.length > 0 ? "passed" : wanted);
    if (fault !== undefined) break;
    if (found instanceof Error || !found.isSymbolicLink()) {
      at = here;
      continue;
    }
    if (++links > mostLinks) return { path: here, kind: "unseen", why: "too many links" };
    const target = readlinkSync(here);
    if (isAbsolute(target)) at = "/";
    ahead.unshift(...namesOf(target));
  }
  return fault;
}

/**
 * @param path absolute
 * @throws DevlatchError `UNSAFE_PATH` where another user could have written what is there, see {@link faultOf}
 */
export function requireBelieved(path: string, wanted: PathKind): void {
  const fault = faultOf(path, wanted);
  if (fault) throw refusalOf(path, fault);
}

/** The refusal of `path`: what is wrong with which part of it, and the command that mends it. */
export function refusalOf(path: string, fault: PathFault): DevlatchError {
  const message = `Devlatch doesn't use ${path}: ${faultWords(path, fault)}.`;
  return new DevlatchError("UNSAFE_PATH", message, remedyOf(fault), { data: fault });
}

/** What is wrong with which part of a path, as a part of a sentence. */
export function faultWords(path: string, fault: PathFault): string {
  return `${fault.path === path ? "it" : fault.path} ${wordsOf(fault)}`;
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function look(path: string): Stats | Error | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** @param wanted `passed` where the way goes on from here */
function faultAt(
  path: string,
  found: Stats | Error | undefined,
  { me, ownGroup }: { readonly me: number; readonly ownGroup: number | undefined },
  wanted: PathKind | "passed",
): PathFault | undefined {
  if (found === undefined) return undefined;
  if (found instanceof Error) return { path, kind: "unseen", why: found.message };
  const { uid, gid, mode } = found;
  if (uid !== me && uid !== 0) return { path, kind: "owner", uid };
  // Every link has all bits set, and none counts.
  if (found.isSymbolicLink()) return undefined;
  const isPassable = wanted === "passed" && found.isDirectory() && (mode & sticky) !== 0;
  const others = gid === ownGroup ? othersMayWrite & 0o007 : othersMayWrite;
  if ((mode & others) !== 0 && !isPassable) return { path, kind: "mode", mode: mode & 0o7777 };
  const kind = kindOf(found);
  const needed = wanted === "passed" ? "directory" : wanted;
  const fits = kind === needed || needed === "anything";
  return fits ? undefined : { path, kind: "kind", found: kind, wanted: needed };
}

function kindOf(found: Stats): Exclude<PathKind, "anything"> | "pipe" | "device" {
  if (found.isDirectory()) return "directory";
  if (found.isFile()) return "file";
  if (found.isSocket()) return "socket";
  return found.isFIFO() ? "pipe" : "device";
}

function wordsOf(fault: PathFault): string {
  switch (fault.kind) {
    case "owner":
      return `belongs to another user (uid ${fault.uid})`;
    case "mode":
      return `can be written to by other users (mode ${fault.mode.toString(8).padStart(4, "0")})`;
    case "kind":
      return `is no ${fault.wanted} but a ${fault.found}`;
    case "unseen":
      return `can't be looked at (${fault.why})`;
  }
}

function remedyOf(fault: PathFault): string {
  const place = shellWord(fault.path);
  const elsewhere = "(or set DEVLATCH_HOME to a directory of your own).";
  switch (fault.kind) {
    case "owner":
      return `If you trust what is in it, make it yours as root: chown ${process.getuid?.() ?? 0} ${place} ${elsewhere}`;
    case "mode":
      return `Close it with: chmod go-w ${place} ${elsewhere}`;
    case "kind":
      return `Move it away: mv ${place} ${shellWord(`${fault.path}.old`)} ${elsewhere}`;
    case "unseen":
      return `Make it readable: chmod u+rx ${shellWord(dirname(fault.path))} ${elsewhere}`;
  }
}
