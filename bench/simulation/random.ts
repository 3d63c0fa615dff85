/**
 * Seeded randomness, so that a run can be repeated exactly: sfc32 (Chris Doty-Humphrey), and the distributions that
 * load follows.
 */

/** Numbers from 0 up to, not including, 1; the same for the same seed on every machine. */
export function seededRandom(seed: number): () => number {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = seed >>> 0
  let counter = 1
  const next = (): number => {
    const t = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    return (t >>> 0) / 4_294_967_296
  }
  // The state needs some rounds until similar seeds go separate ways.
  for (let i = 0; i < 15; i += 1) next()
  return next
}

/** Exponentially distributed with that mean: gaps between independent arrivals. */
export function exponential(rng: () => number, mean: number): number {
  return -mean * Math.log(1 - rng())
}

/** Log-normally distributed with that mean; `sigma` is the spread of the logarithm. */
export function logNormal(rng: () => number, mean: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng())
  return mean * Math.exp(sigma * normal - (sigma * sigma) / 2)
}

/** A whole number from `min` to `max`, both included. */
export function wholeNumber(rng: () => number, min: number, max: number): number {
  return min + Math.floor(rng() * (max - min + 1))
}
