/** Lines of output kept with a failure. */
export const tailLines = 15;

/** Lines of output searched for URLs and ready patterns. */
export const searchedLines = 400;
