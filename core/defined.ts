/**
 * Objects whose optional fields are absent where there is nothing to say: the compiler does not take `undefined` for
 * "absent".
 */

/** The fields that are not undefined. */
export function defined<T extends object>(fields: { readonly [K in keyof T]?: T[K] | undefined }): Partial<T> {
  const kept: Partial<T> = {}
  for (const key in fields) {
    const value = fields[key]
    if (value !== undefined) kept[key] = value
  }
  return kept
}
