import { DevlatchError } from "../../shared/base/errors.ts";
import { LinuxProcesses } from "./linux.ts";
import { MacProcesses } from "./macos/by-libproc.ts";
import { MacTools } from "./macos/by-tools.ts";
import { loadLibProc } from "./macos/libproc.ts";
import type { Processes } from "./processes.ts";
import type { ReadOwn } from "./strangers.ts";
import { WindowsTools } from "./windows/by-tools.ts";
import { Win32Processes } from "./windows/by-win32.ts";
import { isTrue } from "./windows/open-process.ts";
import { loadWin32 } from "./windows/win32.ts";

/**
 * The processes of the platform this runs on.
 * @param readOwn the processes of Devlatch itself, which belong to no tree; none unless told
 * @throws DevlatchError `INTERNAL` on a platform that isn't served
 */
export function createProcesses(
  readOwn: ReadOwn = () => [],
  platform: NodeJS.Platform = process.platform,
): Processes {
  switch (platform) {
    case "linux":
      return new LinuxProcesses(readOwn);
    case "darwin": {
      const libproc = loadLibProc();
      return libproc === undefined ? new MacTools(readOwn) : new MacProcesses(libproc, readOwn);
    }
    case "win32": {
      const win32 = loadWin32();
      const isUsable = win32 !== undefined && isTrue(win32);
      return isUsable ? new Win32Processes(win32, readOwn) : new WindowsTools(readOwn);
    }
    default:
      throw new DevlatchError(
        "INTERNAL",
        `Devlatch can't look at processes on ${platform}.`,
        "Use Linux, macOS or Windows.",
      );
  }
}
