/** How many of the rounds of a full measurement are made: at least one. */
export function scaled(rounds: number, effort: number): number {
  return Math.max(1, Math.round(rounds * effort));
}
