/** Section of the editor's settings. */
export const settingsSection = "devlatch";

/** Every setting. They are read while the editor starts, so no library for schemas is loaded for them. */
export interface Settings {
  /** Redis (or Valkey) for state shared between machines; empty: the embedded store. */
  readonly redisUrl: string;
  /**
   * `all`: also when a server gets ready; `problems`: what went wrong; `critical`: of what went wrong by itself only
   * the worst; `off`: only questions.
   */
  readonly notifications: "all" | "problems" | "critical" | "off";
  /** What follows when a server that this window started is ready. */
  readonly onReady: "notify" | "preview" | "browser" | "nothing";
  /** Apps that have an item in the status bar; `*` stands for all. */
  readonly statusBarApps: readonly string[];
  /** `tools`: agents of the editor get its own tools; `server`: a server for those that speak only MCP; `off`: neither. */
  readonly agentTools: "tools" | "server" | "off";
  /** Thresholds of the health checks as they stand there, checked where they are used; null: the usual ones. */
  readonly healthThresholds: unknown;
}
export type SettingName = keyof Settings;

/** Gives the value as it is used; undefined for one that can't be. */
type Reader<T> = (value: unknown) => T | undefined;

const readers: { readonly [N in SettingName]: Reader<Settings[N]> } = {
  redisUrl: (value) => (typeof value === "string" ? value.trim() : undefined),
  // `off` was called `none`.
  notifications: (value) => oneOf("all", "problems", "critical", "off")(value === "none" ? "off" : value),
  onReady: oneOf("notify", "preview", "browser", "nothing"),
  statusBarApps: (value) =>
    Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined,
  agentTools: oneOf("tools", "server", "off"),
  healthThresholds: (value) => value,
};

/** What each setting is unless set. */
export const defaultSettings: Settings = {
  redisUrl: "",
  notifications: "problems",
  onReady: "notify",
  statusBarApps: ["*"],
  agentTools: "tools",
  healthThresholds: null,
};

/** Settings of before, which count where the new one isn't set. */
export const retiredSettings = ["openOnReady"] as const;
export type ReadableSetting = SettingName | (typeof retiredSettings)[number];

export const settingNames = Object.keys(defaultSettings) as readonly SettingName[];

/**
 * The settings as read by `get`; a value of the wrong type counts as not set.
 * @param get `onReady` is undefined where the user didn't set it, whatever its default
 */
export function readSettings(get: (name: ReadableSetting) => unknown): Settings {
  const read = <N extends SettingName>(name: N): Settings[N] =>
    readers[name](get(name)) ?? defaultSettings[name];
  const set = Object.fromEntries(settingNames.map((name) => [name, read(name)])) as unknown as Settings;
  const opens = get("onReady") === undefined && get("openOnReady") === true;
  return opens ? { ...set, onReady: "browser" } : set;
}

function oneOf<const T extends string>(...choices: readonly T[]): Reader<T> {
  return (value) => choices.find((choice) => choice === value);
}
