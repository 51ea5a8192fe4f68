// Makes the pipe in its first argument as another user's, by the words (SDDL) in its second, then runs the rest as a command and
// ends with its code.
const { spawnSync } = require("node:child_process");
const koffi = require("C:/devlatch/node_modules/koffi");
const [kernel, advapi] = ["kernel32.dll", "advapi32.dll"].map((name) => koffi.load(name));
const make = kernel.func(
  "intptr CreateNamedPipeW(str16, uint32, uint32, uint32, uint32, uint32, uint32, void *)",
);
const parse = advapi.func(
  "int ConvertStringSecurityDescriptorToSecurityDescriptorW(str16, uint32, _Out_ void **, void *)",
);
const [, , pipe, words, ...command] = process.argv;
const [duplex, mostInstances] = [3, 255];
const descriptor = [null];
if (!parse(words, 1, descriptor, null)) throw new Error(`no descriptor: ${words}`);
const attributes = Buffer.alloc(24);
attributes.writeUInt32LE(attributes.length);
attributes.writeBigUInt64LE(BigInt(koffi.address(descriptor[0])), 8);
if (Number(make(pipe, duplex, 0, mostInstances, 4096, 4096, 0, attributes)) === -1)
  throw new Error("no pipe");
process.exitCode = spawnSync(process.execPath, command, { stdio: "inherit" }).status;
