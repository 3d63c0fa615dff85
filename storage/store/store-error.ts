/** Errors of the storage software as our own codes; the text of the other side stays in `cause`. */
import { RealmeshError } from '../../core/realmesh-error.ts'

interface CodedError {
  readonly code?: unknown
  readonly message?: unknown
  readonly cause?: unknown
}

function asCoded(thrown: unknown): CodedError {
  return typeof thrown === 'object' && thrown !== null ? thrown : {}
}

/** The error and its causes, outermost first; bounded, because a cause may point at itself. */
function chain(thrown: unknown): readonly CodedError[] {
  const all: CodedError[] = []
  for (let at: unknown = thrown; at instanceof Error && all.length < 8; at = at.cause) all.push(at)
  return all.length > 0 ? all : [asCoded(thrown)]
}

/** LevelDB and Redis have one code for many failures: which one it was stands in their words only. */
const NO_SPACE = /no space left|disk quota|ENOSPC|EDQUOT|OOM command not allowed|MISCONF/i

/** How LevelDB says that one of its own files is gone. */
const MISSING_FILE = /does not exist \(create_if_missing|\.(ldb|sst|log): No such file|MANIFEST-\d+: No such file/

function hasCode(errors: readonly CodedError[], code: string): boolean {
  return errors.some((error) => error.code === code)
}

/** Any error of a store or of a file beside it as `STORAGE_…`. `what` names the shard, never a user. */
export function storageError(thrown: unknown, what: string): RealmeshError {
  if (thrown instanceof RealmeshError) return thrown
  const errors = chain(thrown)
  const full = hasCode(errors, 'ENOSPC') || hasCode(errors, 'EDQUOT')
  if (full || errors.some(({ message }) => NO_SPACE.test(String(message)))) {
    return new RealmeshError('STORAGE_FULL', `${what}: no space left on the disk`, {
      cause: thrown,
      fix: 'free some space; writing resumes by itself',
    })
  }
  if (hasCode(errors, 'LEVEL_LOCKED')) {
    return new RealmeshError('STORAGE_LOCKED', `${what} is open in another process`, { cause: thrown })
  }
  if (hasCode(errors, 'LEVEL_CORRUPTION') || errors.some(({ message }) => MISSING_FILE.test(String(message)))) {
    return new RealmeshError('STORAGE_DAMAGED', `${what} is damaged`, { cause: thrown })
  }
  // The same code also wraps the reason why an open failed: only without one is it plainly closed.
  const innermost = errors.slice(-1)
  if (hasCode(innermost, 'LEVEL_DATABASE_NOT_OPEN') || hasCode(innermost, 'LEVEL_ITERATOR_NOT_OPEN')) {
    return new RealmeshError('STORAGE_CLOSED', `${what} is closed`, { cause: thrown })
  }
  return new RealmeshError('STORAGE_FAILED', `${what} could not be read or written`, { cause: thrown })
}

/** The refusal of a part that was stopped. */
export function closedError(what: string): RealmeshError {
  return new RealmeshError('STORAGE_CLOSED', `${what} is closed`)
}
