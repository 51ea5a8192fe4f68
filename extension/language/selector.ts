/** The files the daemon's language server speaks about, whatever language the editor takes them for. */
export const documentSelector = [
  { scheme: "file", pattern: "**/package.json" },
  { scheme: "file", pattern: "**/devlatch.json" },
];
