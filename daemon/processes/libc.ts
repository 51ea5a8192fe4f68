import { createRequire } from "node:module";

/** The functions of the C library that Node doesn't have. They return what the C function does; -1 is a failure. */
export interface LibC {
  /** prctl(2), with one argument. */
  prctl(option: number, argument: number): number;
  /** waitpid(2), without the status. */
  waitpid(pid: number, options: number): number;
  /** socket(2) */
  socket(domain: number, type: number, protocol: number): number;
  /** send(2), without flags. */
  send(socket: number, message: Uint8Array): number;
  /** recv(2). @returns the number of bytes written into `buffer` */
  recv(socket: number, buffer: Uint8Array, flags: number): number;
  /** getsockopt(2), for a value of the very length of `value`. */
  getsockopt(socket: number, level: number, option: number, value: Uint32Array): number;
  /** close(2) */
  close(descriptor: number): number;
  /** malloc_trim(3); does nothing where the C library has none (musl). */
  trim(): void;
}

let loading: Promise<LibC | undefined> | undefined;

/**
 * The C library of this process, through koffi, a foreign function interface; the process' own symbols, so that glibc
 * and musl do alike.
 * @returns undefined where it can't be reached, and on other systems than Linux
 */
export function loadLibC(): Promise<LibC | undefined> {
  loading ??= process.platform === "linux" ? load() : Promise.resolve(undefined);
  return loading;
}

async function load(): Promise<LibC | undefined> {
  try {
    // Its ES module imports Node's `fs` and `util`, which loads all that those export.
    const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
    const libc = koffi.load(null);
    const prctl = libc.func("int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)");
    const waitpid = libc.func("int waitpid(int, void *, int)");
    const socket = libc.func("int socket(int, int, int)");
    const send = libc.func("long send(int, const void *, size_t, int)");
    const recv = libc.func("long recv(int, void *, size_t, int)");
    const getsockopt = libc.func("int getsockopt(int, int, int, void *, void *)");
    const close = libc.func("int close(int)");
    const trim = optional(() => libc.func("int malloc_trim(size_t)"));
    return {
      prctl: (option, argument) => Number(prctl(option, argument, 0, 0, 0)),
      waitpid: (pid, options) => Number(waitpid(pid, null, options)),
      socket: (domain, type, protocol) => Number(socket(domain, type, protocol)),
      send: (descriptor, message) => Number(send(descriptor, message, message.length, 0)),
      recv: (descriptor, buffer, flags) => Number(recv(descriptor, buffer, buffer.length, flags)),
      getsockopt: (descriptor, level, option, value) =>
        Number(getsockopt(descriptor, level, option, value, Uint32Array.of(value.byteLength))),
      close: (descriptor) => Number(close(descriptor)),
      trim: () => void trim?.(0),
    };
  } catch {
    return undefined;
  }
}

function optional<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
