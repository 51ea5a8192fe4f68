import { none } from "../../../shared/operations/fields.ts";
import { steps } from "../../../shared/operations/operation.ts";

/** See `overview.ts`. */
export const overview = steps({
  summary: "Show this project: what runs, what could be started, what to do next. Also without a verb.",
  args: none,
  options: none,
  palette: null,
  requests: {},
});
