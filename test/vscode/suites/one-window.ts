import { suite } from "../support/suite.ts";
import { lensesAndMarks } from "./language.ts";
import { problemsOfTheCode } from "./sources.ts";
import { servers } from "./trusted.ts";

/** All that a trusted window on one project shows, one after the other: a window takes longer than most of what is tried in it. */
export const run = suite({ ...lensesAndMarks, ...problemsOfTheCode, ...servers });
