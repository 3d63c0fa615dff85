/** Which of several links to one peer a new lane goes over. Pure. */
import { PATH_RANK } from '../../core/net/path.ts'
import type { Link } from '../../protocols/query/link.ts'

/** A link as it is chosen. */
export interface LinkChoice extends Pick<Link, 'path' | 'rttMs'> {
  /** Its last lane could not be opened in time: it may be dead without a word. */
  readonly suspect: boolean
}

/** Below 0 when new lanes rather go over `a`: those that answer, then the better path, then the shorter round trip. */
export function compareLinks(a: LinkChoice, b: LinkChoice): number {
  return (
    Number(a.suspect) - Number(b.suspect) ||
    PATH_RANK[a.path.kind] - PATH_RANK[b.path.kind] ||
    (a.rttMs ?? Number.MAX_VALUE) - (b.rttMs ?? Number.MAX_VALUE)
  )
}

/** Whether lanes leave `b` for `a`. A shorter round trip alone is none: lanes would move to and fro with each ping. */
export function isBetterLink(a: LinkChoice, b: LinkChoice): boolean {
  if (a.suspect !== b.suspect) return b.suspect
  return PATH_RANK[a.path.kind] < PATH_RANK[b.path.kind]
}
