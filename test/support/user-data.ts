/** User data in a folder of the test's own, and a finished query with everything filled in. */

import type { FinishedQuery } from '../../storage/rows/query-row.ts'
import { UserData } from '../../storage/user-data.ts'
import type { UserDataComponents, UserDataInit } from '../../storage/user-data-options.ts'

/**
 * Not started; records of queries do not wait for company. No reserve file, no low-disk refusal: a test machine may be
 * nearly full.
 */
export function userDataIn(
  home: string,
  init: Partial<UserDataInit> = {},
  components: UserDataComponents = {},
): UserData {
  return new UserData(components, {
    home,
    reserveBytes: 0,
    lowDiskBytes: 0,
    retentionEveryMs: 0,
    accountingPatienceMs: 2,
    ...init,
  })
}

export function finishedQuery(id: string, overrides: Partial<FinishedQuery> = {}): FinishedQuery {
  return {
    id,
    type: 'chat',
    realm: '$CHAT',
    model: 'tiny',
    modelServed: 'tiny',
    startedAt: 1_700_000_000_000,
    tookMs: 1_200,
    promptTokens: 10,
    completionTokens: 20,
    cost: 0.011,
    outcome: 'served',
    ...overrides,
  }
}
