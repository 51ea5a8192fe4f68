import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { execa } from "execa";
import { digest } from "../../shared/base/token.ts";

/** Deadline of the tools asked here, in milliseconds. */
const toolTimeoutMs = 10_000;

let machine: Promise<string> | undefined;

/**
 * A name for this machine that survives reboots and differs between machines and between containers. Hashed: machine
 * ids are meant to stay on the machine (see machine-id(5), "should not be exposed in untrusted environments").
 * @returns 16 hexadecimal digits
 */
export function machineId(): Promise<string> {
  machine ??= readMachineId().then((id) => digest(`devlatch machine ${id ?? `host ${hostname()}`}`));
  return machine;
}

async function readMachineId(): Promise<string | undefined> {
  switch (process.platform) {
    case "linux":
      return readLinuxMachineId();
    case "darwin":
      return parsePlatformUuid(await ask("ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"]));
    case "win32": {
      const key = "HKLM\\SOFTWARE\\Microsoft\\Cryptography";
      return parseMachineGuid(await ask("reg", ["query", key, "/v", "MachineGuid", "/reg:64"]));
    }
    default:
      return undefined;
  }
}

async function readLinuxMachineId(): Promise<string | undefined> {
  for (const path of ["/etc/machine-id", "/var/lib/dbus/machine-id"]) {
    const id = (await readFile(path, "utf8").catch(() => "")).trim();
    // "uninitialized" is what an image holds before its first boot (machine-id(5)).
    if (!/^[0-9a-f]{32}$/.test(id)) continue;
    // Containers of one image share the image's file; their host names tell them apart.
    return isContainer() ? `${id} ${hostname()}` : id;
  }
  return undefined;
}

function isContainer(): boolean {
  return existsSync("/.dockerenv") || existsSync("/run/.containerenv");
}

/** The UUID in what `ioreg -rd1 -c IOPlatformExpertDevice` prints. */
export function parsePlatformUuid(text: string): string | undefined {
  return /"IOPlatformUUID"\s*=\s*"([^"]+)"/.exec(text)?.[1];
}

/** The value in what `reg query … /v MachineGuid` prints. */
export function parseMachineGuid(text: string): string | undefined {
  return /MachineGuid\s+REG_SZ\s+(\S+)/.exec(text)?.[1];
}

/** What the tool prints; nothing if it is missing or fails. */
async function ask(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execa(file, args, { reject: false, timeout: toolTimeoutMs, stdin: "ignore" });
  return stdout ?? "";
}
