/**
 * How many files this process may open, and what to say where that is too few. Loaded before everything else: imports
 * nothing big.
 */
import { RealmeshError } from '../../core/realmesh-error.ts'
import { codeOf } from '../../core/thrown.ts'
import { ENOUGH_FILES, openFileLimit } from '../../node/doctor/machine/open-file-limit.ts'

/** Node's loader says of a package whose file it could not open that there is none. */
const LOADER_CODES = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']

/**
 * The failure by its true cause where that is the limit; undefined where it is another. `limit` is asked only where it
 * matters.
 */
export function lackOfFiles(
  thrown: unknown,
  limit: () => number | undefined = openFileLimit,
): RealmeshError | undefined {
  const codes = causesOf(thrown).map(codeOf)
  const sure = codes.includes('EMFILE') || codes.includes('ENFILE')
  if (!sure && !codes.some((code) => code !== undefined && LOADER_CODES.includes(code))) return undefined
  const most = limit()
  if (!sure && (most === undefined || most >= ENOUGH_FILES)) return undefined
  return new RealmeshError('INTERNAL', `${allowance(most)} cannot be opened at once`, { fix: FIX, cause: thrown })
}

/** What the owner should know of the limit before it is met; undefined where it is enough. */
export function fewFilesWarning(most = openFileLimit()): string | undefined {
  if (most === undefined || most >= ENOUGH_FILES) return undefined
  return `this process may open only ${most} files and connections at once: ${FIX}`
}

const FIX = `raise the limit before the start: ulimit -n ${ENOUGH_FILES} (LimitNOFILE= in a systemd unit)`

function allowance(most: number | undefined): string {
  return most === undefined ? 'more files than the system allows' : `more than ${most} files`
}

/** The error and what is beneath it. */
function causesOf(thrown: unknown): readonly unknown[] {
  const causes: unknown[] = []
  for (
    let at: unknown = thrown;
    at !== undefined && causes.length < 8;
    at = at instanceof Error ? at.cause : undefined
  ) {
    causes.push(at)
  }
  return causes
}
