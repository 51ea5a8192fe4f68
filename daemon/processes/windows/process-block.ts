/**
 * Reading a process' own account of its start: the process environment block (PEB) and RTL_USER_PROCESS_PARAMETERS, as
 * 64-bit processes have them (32-bit ones have such a block, too). Pure but for what reads the memory.
 */

/** Reads memory of the process. @returns undefined where it can't be read */
export type ReadMemory = (address: bigint, bytes: number) => Buffer | undefined;

/** What a process was started with, as far as it can be read. */
export interface ProcessBlock {
  readonly command: string;
  readonly cwd: string;
  /** Where its environment lies. */
  readonly environment: { readonly address: bigint; readonly bytes: number };
}

// Places in a PEB and in RTL_USER_PROCESS_PARAMETERS, in bytes.
const parametersAt = 0x20;
const [cwdAt, commandAt, environmentAt, environmentSizeAt] = [0x38, 0x70, 0x80, 0x3f0];
const parametersBytes = 0x400;
/** An environment larger than this isn't read: Windows takes 32767 characters a variable, and a few hundred of them. */
const mostEnvironmentBytes = 1024 * 1024;

/**
 * @param peb its address, from PROCESS_BASIC_INFORMATION
 * @returns undefined where the process is just being made, ends, or may not be read
 */
export function readProcessBlock(peb: bigint, read: ReadMemory): ProcessBlock | undefined {
  const address = read(peb + BigInt(parametersAt), 8)?.readBigUInt64LE();
  if (address === undefined || address === 0n) return undefined;
  const parameters = read(address, parametersBytes);
  if (parameters === undefined) return undefined;
  const command = readText(parameters, commandAt, read);
  const cwd = readText(parameters, cwdAt, read);
  if (command === undefined || cwd === undefined) return undefined;
  return {
    command,
    // Windows keeps it with the backslash at its end.
    cwd: /^[A-Za-z]:\\$/.test(cwd) ? cwd : cwd.replace(/\\$/, ""),
    environment: {
      address: parameters.readBigUInt64LE(environmentAt),
      bytes: Number(parameters.readBigUInt64LE(environmentSizeAt)),
    },
  };
}

/** A UNICODE_STRING: its length in bytes, and a pointer. */
function readText(parameters: Buffer, at: number, read: ReadMemory): string | undefined {
  const bytes = parameters.readUInt16LE(at);
  if (bytes === 0) return "";
  return read(parameters.readBigUInt64LE(at + 8), bytes)?.toString("utf16le");
}

/**
 * The variables of a process, those of this moment: Windows keeps no others.
 * @returns undefined where they can't be read
 */
export function readEnvironment(
  { environment }: ProcessBlock,
  read: ReadMemory,
): ReadonlyMap<string, string> | undefined {
  const { address, bytes } = environment;
  if (address === 0n || bytes === 0 || bytes > mostEnvironmentBytes) return undefined;
  const block = read(address, bytes);
  return block && parseEnvironment(block);
}

/** `NAME=value`, each ended by a zero, all by one more. Names are in capitals: Windows doesn't tell them apart by case. */
export function parseEnvironment(block: Buffer): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const entry of block.toString("utf16le").split("\0")) {
    if (entry === "") break;
    // `=C:=C:\work` is cmd's directory on that drive.
    const end = entry.indexOf("=", 1);
    if (end !== -1) variables.set(entry.slice(0, end).toUpperCase(), entry.slice(end + 1));
  }
  return variables;
}
