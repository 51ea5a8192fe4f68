import { parse, type TomlTable } from "smol-toml";
import { became, type Edit, type FilePart, left } from "./edit.ts";
import { findBlock, putBlock, takeBlock, tomlMarks } from "./marked-block.ts";
import { isServerLaunch, type Launch } from "./program.ts";
import { serverName } from "./server-part.ts";

/** The entry of the MCP server in Codex' configuration: a block at its end; all else stays as it is. */
export function tomlServerPart(path: string, launch: Launch): FilePart {
  return { path, put: (text) => put(text, launch), take };
}

function put(text: string | undefined, { command, args }: Launch): Edit {
  const before = text === undefined ? {} : read(text);
  if (before === undefined) return left("can't be read as TOML");
  const block = findBlock(text ?? "", tomlMarks);
  if (block.kind === "broken") return left(brokenMarks);
  const there = serverOf(before);
  if (block.kind === "none" && there !== undefined)
    return isServerLaunch(there) ? became(text) : left(`has mcp_servers.${serverName} already`);
  if (isServerLaunch(there)) return became(text);
  const lines = [
    `[mcp_servers.${serverName}]`,
    `command = ${JSON.stringify(command)}`,
    `args = [${args.map((arg) => JSON.stringify(arg)).join(", ")}]`,
  ];
  const after = putBlock(text, lines, tomlMarks);
  // A table can't follow where the file has `mcp_servers` as a value of another form.
  return serverOf(read(after)) === undefined
    ? left("has mcp_servers in a form that can't be added to")
    : became(after);
}

function take(text: string): Edit {
  const block = findBlock(text, tomlMarks);
  if (block.kind === "broken") return left(brokenMarks);
  const after = takeBlock(text, tomlMarks);
  const isHarmed = after !== undefined && read(text) !== undefined && read(after) === undefined;
  return isHarmed ? left("can't be read as TOML without init's block") : became(after);
}

const brokenMarks = `has the lines ${tomlMarks.begin} and ${tomlMarks.end} not just once each`;

function serverOf(table: TomlTable | undefined): unknown {
  const servers = table?.["mcp_servers"];
  if (typeof servers !== "object" || servers === null || !Object.hasOwn(servers, serverName))
    return undefined;
  return Object.entries(servers).find(([name]) => name === serverName)?.[1];
}

function read(text: string): TomlTable | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
