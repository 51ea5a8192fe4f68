import * as z from "zod";

/** Section of the editor's settings. */
export const settingsSection = "devlatch";

/** Every setting, with what it is unless set. */
export const Settings = z.object({
  /** Redis (or Valkey) for state shared between machines; empty: the embedded store. */
  redisUrl: z.string().trim().catch("").default(""),
  /**
   * `all`: also when a server gets ready; `problems`: what went wrong; `critical`: of what went wrong by itself only
   * the worst; `off`: only questions.
   */
  notifications: z
    .preprocess(renamed, z.enum(["all", "problems", "critical", "off"]))
    .catch("problems")
    .default("problems"),
  /** What follows when a server that this window started is ready. */
  onReady: z.enum(["notify", "preview", "browser", "nothing"]).catch("notify").default("notify"),
  /** Apps that have an item in the status bar; `*` stands for all. */
  statusBarApps: z.array(z.string()).catch(["*"]).default(["*"]),
  /** `tools`: agents of the editor get its own tools; `server`: a server for those that speak only MCP; `off`: neither. */
  agentTools: z.enum(["tools", "server", "off"]).catch("tools").default("tools"),
  /** Thresholds of the health checks as they stand there, checked where they are used; null: the usual ones. */
  healthThresholds: z.unknown().default(null),
});
export type Settings = z.infer<typeof Settings>;
export type SettingName = keyof Settings;

/** `off` was called `none`. */
function renamed(value: unknown): unknown {
  return value === "none" ? "off" : value;
}

/** Settings of before, which count where the new one isn't set. */
export const retiredSettings = ["openOnReady"] as const;
export type ReadableSetting = SettingName | (typeof retiredSettings)[number];

export const settingNames = Object.keys(Settings.shape) as readonly SettingName[];

/**
 * The settings as read by `get`; a value of the wrong type counts as not set.
 * @param get `onReady` is undefined where the user didn't set it, whatever its default
 */
export function readSettings(get: (name: ReadableSetting) => unknown): Settings {
  const set = Object.fromEntries(settingNames.map((name) => [name, get(name)]));
  const onReady = set["onReady"] ?? (get("openOnReady") === true ? "browser" : undefined);
  return Settings.parse({ ...set, onReady });
}
