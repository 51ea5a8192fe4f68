import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmdirSync, rmSync, symlinkSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { faultOf, requireBelieved } from "../base/believed-path.ts";
import { digest, randomToken } from "../base/token.ts";
import { closeToOthers } from "../windows/own-pipe.ts";

/** Longest path a unix socket can have on every system we serve (macOS: 104 bytes with the final zero), in bytes. */
const maxSocketPath = 100;
/** What the names of directories made for one socket begin with. */
const madeFor = "devlatch-";

/**
 * Where the socket `name` of this directory is: inside it, or where a path inside is too long, where the link in its place
 * leads. On Windows the name of a pipe. Who connects checks `join(directory, name)` first: a link may be older than what
 * it leads to.
 */
export function socketPathIn(directory: string, name: string): string {
  const inside = join(directory, name);
  if (process.platform === "win32") return `\\\\.\\pipe\\devlatch-${digest(inside)}`;
  if (fits(inside)) return inside;
  try {
    return readlinkSync(inside);
  } catch {
    return inside; // Nothing is there: connecting says so.
  }
}

/**
 * Makes room for the socket `name` of this directory: what is there of an earlier one goes. Where a path inside is too long
 * it is in `$XDG_RUNTIME_DIR/devlatch`, or in a directory made for it, and a link inside leads to it. Only who holds the
 * directory's lock may call this.
 * @returns the path to listen at
 * @throws DevlatchError `UNSAFE_PATH`; an error of the file system
 */
export function placeSocket(directory: string, name: string): string {
  if (process.platform === "win32") return socketPathIn(directory, name);
  requireBelieved(directory, "directory");
  removeSocket(directory, name);
  const inside = join(directory, name);
  if (fits(inside)) return inside;
  const outside = inRuntimeDirectory(inside) ?? inNewDirectory();
  symlinkSync(outside, inside);
  return outside;
}

/** Removes the socket `name` of this directory, with the link to it and the directory made for it. The lock as above. */
export function removeSocket(directory: string, name: string): void {
  if (process.platform === "win32") return;
  const inside = join(directory, name);
  const place = socketPathIn(directory, name);
  // Where it was another user may have put something since.
  if (place !== inside && faultOf(place, "socket") === undefined) {
    rmSync(place, { force: true });
    removeDirectoryMadeFor(place);
  }
  rmSync(inside, { force: true });
}

/**
 * Listens at a path where only this user may connect, from the first moment on; on Windows others could read for a moment,
 * until the pipe is closed to them.
 * @throws an error of the system, e.g. where the path is taken
 */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
  });
  // The file of the socket is made within this very call.
  const before = process.umask(0o077);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await listening;
  if (process.platform === "win32") closeToOthers(path);
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= maxSocketPath;
}

/** Its directory is this user's alone, so that the name may be known. */
function inRuntimeDirectory(inside: string): string | undefined {
  const runtime = process.env["XDG_RUNTIME_DIR"] ?? "";
  const path = join(runtime, "devlatch", `${digest(inside)}.sock`);
  if (!isAbsolute(runtime) || !fits(path)) return undefined;
  const directory = dirname(path);
  if (faultOf(directory, "directory") !== undefined) return undefined;
  try {
    if (!existsSync(directory)) mkdirSync(directory, { mode: 0o700 });
    requireBelieved(directory, "directory");
    rmSync(path, { force: true });
    return path;
  } catch {
    return undefined;
  }
}

/** @throws DevlatchError `UNSAFE_PATH` where the temporary directory isn't safe; an error of the file system */
function inNewDirectory(): string {
  const [parent = tmpdir()] = [tmpdir(), "/tmp"].filter((one) => fits(join(one, `${madeFor}XXXXXX`, "sock")));
  // Whether anything that is made in there will be believed.
  requireBelieved(join(parent, randomToken()), "directory");
  const directory = mkdtempSync(join(parent, madeFor));
  requireBelieved(directory, "directory");
  return join(directory, "sock");
}

function removeDirectoryMadeFor(place: string): void {
  const directory = dirname(place);
  if (!basename(directory).startsWith(madeFor)) return;
  try {
    rmdirSync(directory);
  } catch {
    // It is gone, or not empty: then it wasn't made for this socket alone.
  }
}
