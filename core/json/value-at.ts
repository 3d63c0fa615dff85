/** What stands at a path in parsed JSON or YAML; undefined where there is nothing. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let at = value
  for (const step of path) at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined
  return at
}

function isObject(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null
}
