import { suite } from "../support/suite.ts";
import { stopsIn } from "./breakpoint.ts";

/** The debugger is attached to the process that serves, and stops in the code that runs for a request. */
export const run = suite({
  "in the code of a server on Node alone": stopsIn(
    { app: "plain", file: "server.mjs", text: "response.end" },
    "/",
    "Hello from plain",
  ),
  "in Vite's configuration, which Vite runs from a file that it makes of it": stopsIn(
    { app: "web", file: "vite.config.js", text: "answer.end" },
    "/config",
    "Hello from config",
  ),
  "in TypeScript that Vite loads for the server": stopsIn(
    { app: "web", file: "src/render.ts", text: "return" },
    "/ssr",
    "Hello from ssr",
  ),
});
