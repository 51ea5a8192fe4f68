// Prints owner and access list of the pipes in its arguments, in Windows' own words for them (SDDL).
const koffi = require("C:/devlatch/node_modules/koffi");
const [kernel, advapi] = ["kernel32.dll", "advapi32.dll"].map((name) => koffi.load(name));
const open = kernel.func("intptr CreateFileW(str16, uint32, uint32, void *, uint32, uint32, intptr)");
const read = advapi.func("int GetKernelObjectSecurity(intptr, uint32, void *, uint32, void *)");
const toText = advapi.func(
  "int ConvertSecurityDescriptorToStringSecurityDescriptorW(void *, uint32, uint32, _Out_ str16 *, void *)",
);
const [readControl, ownerAndList, openExisting] = [0x2_0000, 5, 3];

function said(path) {
  const handle = open(path, readControl, 0, null, openExisting, 0, 0);
  const descriptor = Buffer.alloc(4096);
  if (!read(handle, ownerAndList, descriptor, descriptor.length, new Uint32Array(1)))
    return `${path}: no answer`;
  const text = [null];
  toText(descriptor, 1, ownerAndList, text, null);
  return text[0];
}

process.stdout.write(JSON.stringify(process.argv.slice(2).map(said)));
