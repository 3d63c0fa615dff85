/** API keys as `keys list` prints them. Pure. */
import type { KeyUsage } from '../../../gateway/allowance/allowance.ts'
import type { ApiKeyRecord } from '../../../home/api-keys.ts'
import { textTable } from '../../cli/text-table.ts'

/** A key without its hash, and what it has used, where a node runs and the key has limits. */
export interface KeyRow extends Omit<ApiKeyRecord, 'sha256'> {
  readonly usage: KeyUsage | undefined
}

/** `width`: columns of the terminal. Empty when there are none. */
export function keyTable(keys: readonly KeyRow[], width: number): string {
  return textTable(
    ['KEY', 'LABEL', 'SCOPE', 'FOR', 'LIMITS', 'USED', 'EXPIRES', 'CREATED'],
    keys.map((key) => [
      `${key.prefix}…`,
      key.label ?? '-',
      key.scope ?? '-',
      [...(key.models ?? []), ...(key.realms ?? [])].join(',') || '-',
      limitsInWords(key),
      key.usage === undefined ? '-' : `${key.usage.tokensToday} today, ${key.usage.running} run`,
      key.expires?.slice(0, 10) ?? '-',
      key.created,
    ]),
    { width, spare: ['CREATED', 'EXPIRES', 'FOR'] },
  )
}

function limitsInWords(key: KeyRow): string {
  const limits = [
    key.requests_per_minute === undefined ? '' : `${key.requests_per_minute} req/min`,
    key.tokens_per_minute === undefined ? '' : `${key.tokens_per_minute} tok/min`,
    key.tokens_per_day === undefined ? '' : `${key.tokens_per_day} tok/day`,
    key.concurrent === undefined ? '' : `${key.concurrent} at once`,
  ]
  return limits.filter((limit) => limit !== '').join(', ') || '-'
}
