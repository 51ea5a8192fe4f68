import * as z from "zod";

// Imported before anything that makes a schema: zod would compile checkers at start-up, which costs activation time,
// and would look at `navigator` to see whether it may, which the editor's log complains about with a stack.
z.config({ jitless: true });
