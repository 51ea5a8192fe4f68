import { suite } from "../support/suite.ts";
import { stopsIn } from "./breakpoint.ts";

/** As debug.ts, in another framework. */
export const run = suite({
  "in a page of Next": stopsIn({ app: "web", file: "app/page.js", text: "return" }, "/", "Hello from next"),
});
