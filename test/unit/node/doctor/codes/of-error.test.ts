import assert from 'node:assert/strict'
import { type ErrorCode, RealmeshError } from '../../../../../core/realmesh-error.ts'
import { foundOfError } from '../../../../../node/doctor/codes/of-error.ts'

describe('foundOfError', () => {
  const CODES: readonly (readonly [ErrorCode, string])[] = [
    ['CONFIG_INVALID', 'config.invalid'],
    ['CONFIG_UNREADABLE', 'config.invalid'],
    ['BAD_MULTIADDR', 'config.invalid'],
    ['KEY_FILE_LAX', 'home.key-lax'],
    ['KEY_FILE_BAD', 'home.key-bad'],
    ['HOME_UNUSABLE', 'home.unwritable'],
    ['STORAGE_FULL', 'disk.full'],
    ['PORT_IN_USE', 'ports.taken'],
    ['BIND_REFUSED', 'ports.refused'],
    ['STORAGE_DAMAGED', 'start.refused'],
  ]

  for (const [error, code] of CODES) {
    it(`tells ${error} as ${code}, with the cause and the fix of the error`, () => {
      const finding = foundOfError(new RealmeshError(error, 'the cause', { fix: 'the fix' }))
      assert.deepEqual(finding, { code, state: 'fail', cause: 'the cause', fix: 'the fix', facts: { error } })
    })
  }

  it('has the fix of the code where the error has none', () => {
    assert.match(foundOfError(new RealmeshError('PORT_IN_USE', 'taken')).fix ?? '', /--http/)
  })
})
