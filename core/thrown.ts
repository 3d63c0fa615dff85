/**
 * What can be said of anything that was thrown: by the system, by a library, by us. Our own code decides on codes,
 * never on texts.
 */

/** The code of an error, such as `ENOENT`; undefined where there is none. */
export function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || thrown.code === undefined) return undefined
  return String(thrown.code)
}

/** Its words, for people. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
