/** Sizes as people write them: a number of bytes, or a text such as `512 MiB`. */

/** Decimal units are taken as binary ones: nobody means 4,000,000,000 bytes of GPU memory by `4 GB`. */
const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i

/** Bytes; undefined when `text` is no size. */
export function parseSize(text: string | number): number | undefined {
  if (typeof text === 'number') return Number.isSafeInteger(text) && text >= 0 ? text : undefined
  const [, amount, unit] = SIZE.exec(text.trim()) ?? []
  const factor = UNITS[(unit ?? '').toLowerCase()]
  if (amount === undefined || factor === undefined) return undefined
  const bytes = Math.round(Number(amount) * factor)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
