/** What a script learns from the exit status: one row per error code. docs: `realmesh --help` lists the numbers. */
import type { ErrorCode } from '../../core/realmesh-error.ts'

export const EXIT = {
  ok: 0,
  /** The query, or the daemon, failed. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** No daemon answers. */
  notRunning: 3,
  /** realms.yml, a flag's value or a variable is wrong. */
  config: 4,
  /** The home folder, its lock or a key file. */
  home: 5,
  /** The address or the port cannot be had. */
  bind: 6,
  /** Refused for now; the same may work later. */
  tryLater: 7,
  /** The doctor found nothing worse than a warning. */
  warned: 8,
  /** The doctor found a fault. */
  faulty: 9,
  /** The shell's own number for Ctrl-C. */
  interrupted: 130,
} as const

export const EXIT_OF: Readonly<Record<ErrorCode, number>> = {
  BAD_REQUEST: EXIT.usage,
  PROMPT_TOO_LARGE: EXIT.failed,
  CONTEXT_TOO_LONG: EXIT.failed,
  CAPABILITY_MISSING: EXIT.failed,
  MODEL_NOT_FOUND: EXIT.failed,
  REALM_NOT_FOUND: EXIT.failed,
  QUERY_NOT_FOUND: EXIT.failed,
  FILE_NOT_FOUND: EXIT.failed,
  BATCH_NOT_FOUND: EXIT.failed,
  RESPONSE_NOT_FOUND: EXIT.failed,
  UNAUTHORIZED: EXIT.failed,
  KEY_REMOVED: EXIT.failed,
  USER_BANNED: EXIT.failed,
  FORBIDDEN: EXIT.failed,
  INVITATION_INVALID: EXIT.usage,
  INVITATION_REFUSED: EXIT.failed,
  PAIRING_REFUSED: EXIT.failed,
  PAIRING_FAILED: EXIT.failed,
  TOO_MANY_FAILURES: EXIT.tryLater,
  KEY_LIMIT: EXIT.tryLater,
  SCOPE_REFUSED: EXIT.failed,
  SHARE_REFUSED: EXIT.failed,
  CONSENT_NEEDED: EXIT.failed,
  NODE_LIMIT: EXIT.failed,
  REALM_OVERLOADED: EXIT.tryLater,
  NO_WORKER: EXIT.tryLater,
  DRAINING: EXIT.tryLater,
  PEER_UNREACHABLE: EXIT.tryLater,
  PEER_LOST: EXIT.tryLater,
  PROTOCOL_ERROR: EXIT.failed,
  ENGINE_BUSY: EXIT.tryLater,
  ENGINE_LOADING: EXIT.tryLater,
  ENGINE_FAILED: EXIT.failed,
  ENGINE_GARBAGE: EXIT.failed,
  TIMEOUT: EXIT.tryLater,
  ANSWER_CUT: EXIT.failed,
  CANCELLED: EXIT.interrupted,
  TERMINATED: EXIT.failed,
  STORAGE_FULL: EXIT.failed,
  STORAGE_DAMAGED: EXIT.failed,
  STORAGE_LOCKED: EXIT.home,
  STORAGE_CLOSED: EXIT.failed,
  STORAGE_FAILED: EXIT.failed,
  USER_NOT_FOUND: EXIT.failed,
  NICKNAME_TAKEN: EXIT.failed,
  SHARD_NOT_FOUND: EXIT.failed,
  BACKUP_INVALID: EXIT.failed,
  USAGE: EXIT.usage,
  CONFIG_INVALID: EXIT.config,
  CONFIG_CHANGED: EXIT.config,
  CONFIG_UNREADABLE: EXIT.config,
  BAD_MULTIADDR: EXIT.config,
  BIND_REFUSED: EXIT.bind,
  PORT_IN_USE: EXIT.bind,
  HOME_LOCKED: EXIT.home,
  HOME_UNUSABLE: EXIT.home,
  KEY_FILE_LAX: EXIT.home,
  KEY_FILE_BAD: EXIT.home,
  DAEMON_NOT_RUNNING: EXIT.notRunning,
  INTERNAL: EXIT.failed,
}
