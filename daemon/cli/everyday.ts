/**
 * The verbs that are typed without thinking, and that scripts and agents call. The build makes of this one file with all
 * that they need on a server that runs: to find, read and link some ninety takes longer than all they do.
 */
export { main } from "./run.ts";
