/**
 * One observation folded into an exponentially weighted moving average. `undefined` means that nothing was seen yet.
 */
export function ewma(previous: number | undefined, observed: number, weight: number): number {
  return previous === undefined ? observed : previous + weight * (observed - previous)
}
