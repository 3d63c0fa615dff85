import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import { AdminDoor } from '../../../../gateway/admin/admin-door.ts'
import { MAX_ADMIN_FAILURES } from '../../../../gateway/admin/admin-failures.ts'
import { hashKey } from '../../../../gateway/door/credentials.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const TOKEN = 'the-right-admin-token'

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

describe('AdminDoor', () => {
  const door = (): AdminDoor =>
    new AdminDoor({ clock: new ManualClock(), log: silentLogger }, { tokenHash: hashKey(TOKEN) })

  const addresses: readonly (readonly [address: string | undefined, opens: boolean])[] = [
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['192.168.1.7', false],
    ['::ffff:192.168.1.7', false],
    ['fe80::1', false],
    [undefined, false],
  ]
  for (const [address, opens] of addresses) {
    it(`${opens ? 'opens' : 'stays closed'} to the right token from ${address}`, () => {
      const refusal = door().refusal({ headers: bearer(TOKEN), socket: { remoteAddress: address } })
      assert.equal(refusal?.code, opens ? undefined : 'FORBIDDEN')
    })
  }

  it('refuses to be made with something that is no digest', () => {
    assert.throws(() => new AdminDoor({ clock: new ManualClock(), log: silentLogger }, { tokenHash: '' }), TypeError)
  })

  it('refuses ten thousand guesses and tells the log of them a few times only', () => {
    let lines = 0
    const warn = (): void => {
      lines += 1
    }
    const log = { ...silentLogger, warn }
    const guarded = new AdminDoor({ clock: new ManualClock(), log }, { tokenHash: hashKey(TOKEN) })
    for (let i = 0; i < 10_000; i += 1) {
      const refusal = guarded.refusal({ headers: bearer(`guess-${i}`), socket: { remoteAddress: '::1' } })
      assert.equal(refusal?.code, i < MAX_ADMIN_FAILURES ? 'UNAUTHORIZED' : 'TOO_MANY_FAILURES')
    }
    assert.equal(lines, 1)
  })
})
