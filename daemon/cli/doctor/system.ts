import { readAbilities } from "../../../shared/client/launch.ts";
import type { Abilities } from "../../../shared/model/abilities.ts";
import type { Finding } from "../../../shared/model/doctor.ts";
import type { Context } from "../context.ts";
import { info, ok, problem, warning } from "./finding.ts";

/** File systems on which locks between processes, sockets or modes can't be relied on. */
const unreliable: Readonly<Record<string, string>> = {
  "9p": "a drive of Windows",
  drvfs: "a drive of Windows",
  nfs: "a network's",
  nfs4: "a network's",
  cifs: "a network's",
  smb3: "a network's",
  "fuse.sshfs": "a network's",
};

/** What the system here lacks of what Devlatch needs. */
export async function checkSystem(context: Context): Promise<Finding[]> {
  try {
    return systemFindings(await readAbilities({ script: context.daemonScript }, context.home));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [
      warning("system", `What the system can do could not be tried: ${reason}`, "Install Devlatch again."),
    ];
  }
}

/** @returns one finding for each that is missing, else one that says all is there */
export function systemFindings(abilities: Abilities): Finding[] {
  const found = [
    checkTerminal(abilities),
    checkProcesses(abilities),
    checkListeners(abilities),
    checkNativeCalls(abilities),
    checkOrphans(abilities),
    checkHidden(abilities),
    checkWsl(abilities),
    checkFileSystem(abilities),
  ].filter((finding) => finding !== undefined);
  return found.length > 0 ? found : [ok("system", "The system has all that servers need here")];
}

function checkTerminal({ terminalFailure, terminalMissing, libc }: Abilities): Finding | undefined {
  if (terminalFailure !== undefined) {
    const remedy =
      "In a container, mount devpts: docker does so, a chroot needs: mount -t devpts devpts /dev/pts";
    return problem("terminal", `No server can be started: ${terminalFailure}`, remedy);
  }
  if (terminalMissing === undefined) return undefined;
  const remedy =
    libc === "musl"
      ? "The terminal's prebuilt part is for glibc, and this is musl (Alpine): what needs a terminal (Expo's keys, prompts) wants an image with glibc, such as Debian's."
      : "Install Devlatch again with its optional dependencies: npm install devlatch --include=optional";
  const summary = `Servers run with pipes in place of a terminal: ${terminalMissing}`;
  return warning("terminal", summary, remedy);
}

function checkProcesses({ processes }: Abilities): Finding | undefined {
  if (processes) return undefined;
  return problem(
    "processes",
    "/proc isn't there: Devlatch can't tell which processes are a server's",
    "Mount it: mount -t proc proc /proc",
  );
}

function checkListeners({ listeners, processes }: Abilities): Finding | undefined {
  if (listeners !== "none" || !processes) return undefined;
  return problem(
    "listeners",
    "Who listens on a port can't be told: the kernel doesn't answer (sock_diag), and there is no /proc/net/tcp",
    "Allow the container netlink sockets, or mount /proc with its net directory. Until then no server gets ready by its port.",
  );
}

function checkNativeCalls({ nativeCalls }: Abilities): Finding | undefined {
  if (nativeCalls) return undefined;
  return warning(
    "native",
    "The C library can't be called (koffi isn't there, or was made for another system): what leaves a server's group, session and parent and hides its mark may outlive it",
    "Install Devlatch again with its optional dependencies: npm install devlatch --include=optional",
  );
}

function checkOrphans({ orphansReturn, nativeCalls, wsl }: Abilities): Finding | undefined {
  if (orphansReturn || !nativeCalls || wsl === 1) return undefined;
  return warning(
    "orphans",
    "The system doesn't bring orphans back (PR_SET_CHILD_SUBREAPER is refused): what leaves a server's group, session and parent and hides its mark may outlive it",
    "In a container for another processor (an emulated one), use an image for this machine's own; elsewhere allow prctl.",
  );
}

function checkHidden({ othersHidden }: Abilities): Finding | undefined {
  if (!othersHidden) return undefined;
  return info(
    "hidepid",
    "Processes of other users are hidden here (/proc has hidepid): a port that one of them holds is shown as taken, without who holds it",
  );
}

function checkWsl({ wsl }: Abilities): Finding | undefined {
  if (wsl !== 1) return undefined;
  return warning(
    "wsl",
    "This is WSL 1, which has no Linux kernel: orphans of a server aren't brought back, and who listens on a port may not be told",
    "Use WSL 2. In PowerShell: wsl --set-version DISTRIBUTION 2",
  );
}

function checkFileSystem({ homeFileSystem = "" }: Abilities): Finding | undefined {
  const what = unreliable[homeFileSystem];
  if (what === undefined) return undefined;
  return warning(
    "home-disk",
    `The home is on a file system of ${what} (${homeFileSystem}), where locks, sockets and file modes may not hold`,
    "Set DEVLATCH_HOME to a directory on a disk of this system.",
  );
}
