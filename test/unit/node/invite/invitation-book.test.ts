import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { silentLogger } from '../../../../core/logger.ts'
import type { InvitationOptions } from '../../../../node/api/joining/invitation-control.ts'
import { InvitationBook, MAX_INVITATIONS } from '../../../../node/invite/invitation-book.ts'
import { invitationId, invitationKey } from '../../../../protocols/invite/proofs.ts'
import type { Redeeming } from '../../../../protocols/invite/server.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const HOUR_MS = 3_600_000

describe('the invitations that a node gave out', () => {
  const folder = temporaryFolder()
  let clock: ManualClock
  let book: InvitationBook

  const opened = async (): Promise<InvitationBook> => {
    const made = new InvitationBook(
      {
        clock,
        log: silentLogger,
        welcome: async () => ({
          ...{ kind: 'home', name: 'desk', federationLabel: 'ours' },
          federationKey: Uint8Array.of(1, 2, 3),
        }),
      },
      { file: folder.path('invitations.json') },
    )
    await made.start()
    return made
  }

  beforeEach(async () => {
    clock = new ManualClock()
    book = await opened()
  })
  afterEach(() => book.stop())

  const create = async (options: Partial<InvitationOptions> = {}): Promise<Uint8Array> =>
    (await book.create({ kind: 'home', hours: 24, uses: 1, ...options })).secret

  const by = (peer: string, secret: Uint8Array): Redeeming => ({
    id: Buffer.from(invitationId(secret)).toString('hex'),
    peer,
    name: `name of ${peer}`,
    proves: (key) => Buffer.from(invitationKey(secret)).equals(key),
  })

  it('give what they promise to a node that proves that it has one', async () => {
    const { welcome } = await book.redeem(by('a', await create()))
    assert.ok(welcome.kind === 'home')
    assert.deepEqual(welcome.federationKey, Uint8Array.of(1, 2, 3))
  })

  it('are good once, but for the same node, whose answer may have been lost', async () => {
    const secret = await create()
    await book.redeem(by('a', secret))
    await book.redeem(by('a', secret))
    await assert.rejects(book.redeem(by('b', secret)), { code: 'INVITATION_REFUSED', message: /used before/ })
    assert.deepEqual(
      book.list().map(({ state, usedBy }) => [state, usedBy.map(({ peer, name }) => [peer, name])]),
      [['used', [['a', 'name of a']]]],
    )
  })

  it('are good for as many nodes as their owner said, of two that come at once too', async () => {
    const secret = await create({ uses: 2 })
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((peer) => book.redeem(by(peer, secret))))
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected'],
    )
  })

  it('expire, and say so to a node that has one', async () => {
    const secret = await create({ hours: 2 })
    clock.advance(2 * HOUR_MS)
    await assert.rejects(book.redeem(by('a', secret)), { code: 'INVITATION_REFUSED', message: /expired/ })
    assert.equal(book.list()[0]?.state, 'expired')
    clock.advance(8 * 24 * HOUR_MS)
    assert.deepEqual(book.list(), [])
  })

  it('can be taken back', async () => {
    const secret = await create()
    const [{ id } = { id: '' }] = book.list()
    await book.revoke(id)
    await assert.rejects(book.redeem(by('a', secret)), { code: 'INVITATION_REFUSED' })
    await assert.rejects(book.revoke(id), { code: 'BAD_REQUEST' })
  })

  it('are taken back by the beginning of an id, as long as it is the only one', async () => {
    await create()
    await create()
    const [first, second] = book.list().map(({ id }) => id)
    assert.ok(first !== undefined && second !== undefined)
    await assert.rejects(book.revoke(''), { code: 'BAD_REQUEST', message: /more than one/ })
    const differs = [...first].findIndex((digit, i) => digit !== second[i]) + 1
    assert.equal(await book.revoke(first.slice(0, differs)), first)
    assert.deepEqual(
      book.list().map(({ id }) => id),
      [second],
    )
  })

  it('say the same to a wrong secret as to an id that there is not', async () => {
    const secret = await create()
    const told = async (redeeming: Redeeming): Promise<string> => {
      const error = await book.redeem(redeeming).then(
        () => assert.fail('was redeemed'),
        (thrown: Error) => thrown,
      )
      return error.message
    }
    const unknown = await told(by('a', new Uint8Array(16)))
    assert.equal(await told({ ...by('a', secret), proves: () => false }), unknown)
    assert.equal(book.list()[0]?.state, 'open')
  })

  it('outlast a restart, used ones as used, and their secrets are not in the file', async () => {
    const [kept, used] = [await create(), await create()]
    await book.redeem(by('a', used))
    await book.stop()
    book = await opened()
    await assert.rejects(book.redeem(by('b', used)), { code: 'INVITATION_REFUSED' })
    await book.redeem(by('b', kept))
    const file = await readFile(folder.path('invitations.json'), 'utf8')
    for (const form of ['hex', 'base64', 'base64url'] as const) {
      assert.ok(!file.includes(Buffer.from(kept).toString(form)))
    }
  })

  it('are no more than a household needs', async () => {
    await create()
    const { invitations } = JSON.parse(await readFile(folder.path('invitations.json'), 'utf8'))
    const many = Array.from({ length: MAX_INVITATIONS }, () => invitations[0])
    await writeFile(folder.path('invitations.json'), JSON.stringify({ invitations: many }))
    book = await opened()
    await assert.rejects(create(), { code: 'BAD_REQUEST', fix: /revoke/ })
  })

  it('are not given to anyone when their use cannot be written down', async () => {
    const secret = await create()
    const unwritable = new InvitationBook(
      { clock, log: silentLogger, welcome: async () => assert.fail('it was given') },
      { file: folder.path('no', 'such', 'folder.json') },
    )
    await assert.rejects(unwritable.create({ kind: 'home', hours: 1, uses: 1 }), { code: 'STORAGE_FAILED' })
    assert.ok(secret.byteLength === 16)
  })
})
