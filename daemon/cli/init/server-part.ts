import { findNodeAtLocation, getNodeValue } from "jsonc-parser";
import type { FilePart } from "./edit.ts";
import { jsonPart } from "./json-part.ts";
import { isServerLaunch, type Launch } from "./program.ts";

/** The name of the server in every client's configuration. */
export const serverName = "devlatch";

/** How a client's file of MCP servers differs from others. */
export interface ServerFile {
  readonly path: string;
  /** The key that has the servers; `mcpServers` unless told. */
  readonly servers?: string;
  /** Whether an entry says how it is spoken to. */
  readonly hasType?: boolean;
  /** Whether a file is made where there is none. */
  readonly isMade?: boolean;
  readonly maxBytes?: number;
}

/** The entry of the MCP server in a client's JSON file. */
export function serverPart(file: ServerFile, launch: Launch): FilePart {
  const { servers = "mcpServers", hasType = false, isMade = true, ...more } = file;
  const { command, args } = launch;
  const value = { ...(hasType ? { type: "stdio" } : {}), command, args };
  return jsonPart({
    ...{ ...more, isMade },
    entry: { way: [servers], key: serverName, value },
    find: (root) => {
      const found = findNodeAtLocation(root, [servers, serverName]);
      return found && isServerLaunch(getNodeValue(found)) ? [found] : [];
    },
  });
}
