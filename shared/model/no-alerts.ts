/** The board of alerts where nothing is wrong, and nothing was silenced. It stands apart from the schema, which takes long to build. */
export const nothingWrong = {
  alerts: [] as never[],
  muted: [] as never[],
  pause: { kind: "none" as const },
};
