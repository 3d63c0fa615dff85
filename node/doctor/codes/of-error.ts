/** Errors that keep a node from starting, as findings. Pure. */
import type { Finding } from '../../../core/model/finding.ts'
import type { ErrorCode, RealmeshError } from '../../../core/realmesh-error.ts'
import { type FindingCode, found } from './found.ts'

const OF_ERROR: Partial<Readonly<Record<ErrorCode, FindingCode>>> = {
  CONFIG_INVALID: 'config.invalid',
  CONFIG_UNREADABLE: 'config.invalid',
  BAD_MULTIADDR: 'config.invalid',
  KEY_FILE_LAX: 'home.key-lax',
  KEY_FILE_BAD: 'home.key-bad',
  HOME_UNUSABLE: 'home.unwritable',
  STORAGE_FULL: 'disk.full',
  PORT_IN_USE: 'ports.taken',
  BIND_REFUSED: 'ports.refused',
}

/** What `error` is among the doctor's codes; `start.refused` where no other fits. */
export function foundOfError({ code, message, fix }: RealmeshError): Finding {
  return found(OF_ERROR[code] ?? 'start.refused', message, { fix, facts: { error: code } })
}
