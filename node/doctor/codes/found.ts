/** Findings by their codes: the only place where one is made. */
import { defined } from '../../../core/defined.ts'
import type { Finding } from '../../../core/model/finding.ts'
import type { CodeRow } from './code-row.ts'
import { MACHINE_CODES } from './machine-codes.ts'
import { PEER_CODES } from './peer-codes.ts'
import { SWARM_CODES } from './swarm-codes.ts'

/** Every code of the doctor. They are stable: scripts rely on them. */
export const FINDING_CODES = { ...MACHINE_CODES, ...SWARM_CODES, ...PEER_CODES } as const

export type FindingCode = keyof typeof FINDING_CODES

export interface FoundInit {
  /** @default the code's own */
  readonly fix?: string | undefined
  readonly facts?: Readonly<Record<string, unknown>>
}

/** A finding. `cause`: one line. Pure. */
export function found(code: FindingCode, cause: string, { fix, facts = {} }: FoundInit = {}): Finding {
  const row: CodeRow = FINDING_CODES[code]
  return { code, state: row.state, cause, ...defined({ fix: fix ?? row.fix }), facts }
}
