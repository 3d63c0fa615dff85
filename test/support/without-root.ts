/** `nobody` of every Linux and BSD: a user without rights. */
const NOBODY = 65_534

/**
 * Runs `task` as a user whom file modes bind: root reads and writes everything. Files that it needs must be open to
 * others.
 */
export async function withoutRoot<T>(task: () => Promise<T>): Promise<T> {
  const { geteuid, seteuid } = process
  if (geteuid?.() !== 0 || seteuid === undefined) return await task()
  seteuid(NOBODY)
  try {
    return await task()
  } finally {
    seteuid(0)
  }
}
