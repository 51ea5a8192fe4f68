import * as z from "zod";

/** What the system lets Devlatch do here, as a program of Devlatch's own found by trying it. */
export const Abilities = z.object({
  /** Why no pseudo-terminal can be opened; absent where one can. */
  terminalFailure: z.string().max(2_000).optional(),
  /** Why pipes stand in for terminals: what opens those can't be loaded. */
  terminalMissing: z.string().max(2_000).optional(),
  /** Whether the C library can be called. */
  nativeCalls: z.boolean(),
  /** Whether a process whose parent ended can be had back, where that takes a call of the C library (Linux). */
  orphansReturn: z.boolean(),
  /** Who listens on a port: asked of the kernel, read in `/proc/net`, by tools, or not to be told. */
  listeners: z.enum(["kernel", "files", "tools", "none"]),
  /** Whether processes can be seen at all. */
  processes: z.boolean(),
  /** Whether those of other users are hidden (`hidepid`), and this user isn't root. */
  othersHidden: z.boolean(),
  libc: z.enum(["glibc", "musl", "other"]),
  /** The version of the Windows Subsystem for Linux this runs in. */
  wsl: z.union([z.literal(1), z.literal(2)]).optional(),
  /** The kind of file system the home is on. */
  homeFileSystem: z.string().max(100).optional(),
});
export type Abilities = z.infer<typeof Abilities>;
