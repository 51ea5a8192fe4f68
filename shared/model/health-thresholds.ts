import * as z from "zod";

/** From where on something is a warning, and from where on critical. */
export interface Threshold {
  readonly warning: number;
  readonly critical: number;
}

function threshold(unit: string, { warning, critical }: Threshold, most: number) {
  const level = (what: string, usual: number) =>
    z
      .number()
      .positive()
      .max(most)
      .optional()
      .describe(`${what} from here on, in ${unit}; default: ${usual}`);
  return z
    .strictObject({ warning: level("A warning", warning), critical: level("Critical", critical) })
    .refine((given) => (given.warning ?? warning) <= (given.critical ?? critical), {
      error: `"warning" (default ${warning}) must not be above "critical" (default ${critical})`,
    })
    .optional();
}

const day = 24 * 60 * 60_000;

/** What applies where nothing is set. Shares in percent, times in milliseconds. */
export const defaultThresholds = {
  cpu: { warning: 70, critical: 90 },
  memory: { warning: 70, critical: 90 },
  disk: { warning: 80, critical: 90 },
  descriptors: { warning: 70, critical: 90 },
  loopDelayMs: { warning: 500, critical: 2_000 },
  storeMs: { warning: 500, critical: 2_000 },
  databaseMs: { warning: 500, critical: 2_000 },
  limits: { warning: 70, critical: 90 },
  serversPercent: 60,
  sustainedMs: 600_000,
  confirmMs: 30_000,
} as const satisfies Record<string, Threshold | number>;

const shares = (what: string, usual: Threshold) => threshold("percent", usual, 100).describe(what);
const times = (what: string, usual: Threshold) => threshold("milliseconds", usual, day).describe(what);

/** What a person sets: `health.json` of the home, and the editor's setting. */
export const HealthThresholds = z.strictObject({
  cpu: shares("CPU of the machine", defaultThresholds.cpu),
  memory: shares("Memory that isn't available, of the machine or its container", defaultThresholds.memory),
  disk: shares("Space taken on the disk of Devlatch's home", defaultThresholds.disk),
  descriptors: shares("Open files of the daemon, of those it may have", defaultThresholds.descriptors),
  loopDelayMs: times("How late the daemon's timers fire", defaultThresholds.loopDelayMs),
  storeMs: times("A write and a read of the store", defaultThresholds.storeMs),
  databaseMs: times("A write and a read of a local database", defaultThresholds.databaseMs),
  limits: shares("What a server's processes use of what they may", defaultThresholds.limits),
  serversPercent: z
    .number()
    .positive()
    .max(100)
    .optional()
    .describe(
      `Memory of all servers together, in percent of the machine's or its container's: before one more is started beyond that, one that an agent left unused is offered to be stopped; default: ${defaultThresholds.serversPercent}`,
    ),
  sustainedMs: z
    .number()
    .min(1_000)
    .max(day)
    .optional()
    .describe(
      `How long CPU and timers must be beyond a threshold to count, in milliseconds; default: ${defaultThresholds.sustainedMs}`,
    ),
  confirmMs: z
    .number()
    .min(0)
    .max(day)
    .optional()
    .describe(
      `How long a slow answer, scarce memory or a busy CPU must last to be shown, in milliseconds; default: ${defaultThresholds.confirmMs}`,
    ),
});
export type HealthThresholds = z.infer<typeof HealthThresholds>;

/** All thresholds, none left out. */
export type Thresholds = {
  readonly [K in keyof typeof defaultThresholds]: (typeof defaultThresholds)[K] extends number
    ? number
    : Threshold;
};

/** Lays what was set, the last first, over the defaults. */
export function effectiveThresholds(...set: readonly HealthThresholds[]): Thresholds {
  const names = Object.keys(defaultThresholds) as (keyof Thresholds)[];
  const entries = names.map((name) => {
    const usual = defaultThresholds[name];
    const given = set.map((one) => one[name]).filter((value) => value !== undefined);
    return [name, typeof usual === "number" ? (given.at(-1) ?? usual) : Object.assign({}, usual, ...given)];
  });
  return Object.fromEntries(entries) as Thresholds;
}
