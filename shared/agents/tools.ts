import { logsTool, waitTool } from "./output.ts";
import { runTool } from "./run.ts";
import { sandboxTool } from "./sandbox.ts";
import { restartTool, startTool, stopTool } from "./servers.ts";
import { statusTool } from "./status.ts";
import type { Tool } from "./tool.ts";

/** All that agents can do, in the order that they are shown. */
export const tools: readonly Tool[] = [
  startTool,
  statusTool,
  waitTool,
  logsTool,
  restartTool,
  stopTool,
  runTool,
  sandboxTool,
];
