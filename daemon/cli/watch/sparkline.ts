const bars = "▁▂▃▄▅▆▇█";

/**
 * The last values as a row of bars, one column each, the newest at the right; where there are fewer, spaces come before.
 * @param columns how wide it is
 * @param top the value of a full bar; larger ones are full, too
 */
export function sparkline(values: readonly number[], columns: number, top: number): string {
  if (columns <= 0) return "";
  const shown = values.slice(-columns).map((value) => barOf(top > 0 ? value / top : 0));
  return shown.join("").padStart(columns);
}

function barOf(share: number): string {
  const index = Math.round(share * (bars.length - 1));
  return bars.charAt(Math.min(Math.max(Number.isFinite(index) ? index : 0, 0), bars.length - 1));
}
