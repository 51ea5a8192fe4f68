import { DevlatchError } from "../../shared/base/errors.ts";
import { LinuxProcesses } from "./linux.ts";
import { MacProcesses } from "./macos.ts";
import type { Processes } from "./processes.ts";
import { WindowsProcesses } from "./windows.ts";

/**
 * The processes of the platform this runs on.
 * @throws DevlatchError `INTERNAL` on a platform that isn't served
 */
export function createProcesses(platform: NodeJS.Platform = process.platform): Processes {
  switch (platform) {
    case "linux":
      return new LinuxProcesses();
    case "darwin":
      return new MacProcesses();
    case "win32":
      return new WindowsProcesses();
    default:
      throw new DevlatchError(
        "INTERNAL",
        `Devlatch can't look at processes on ${platform}.`,
        "Use Linux, macOS or Windows.",
      );
  }
}
