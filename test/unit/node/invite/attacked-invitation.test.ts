/** Ten thousand tries to get in without having been invited: none gives anything. */
import assert from 'node:assert/strict'
import { silentLogger } from '../../../../core/logger.ts'
import { InvitationBook } from '../../../../node/invite/invitation-book.ts'
import { invitationId, invitationKey, isProof, joinProof, type Meeting } from '../../../../protocols/invite/proofs.ts'
import type { Redeeming } from '../../../../protocols/invite/server.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { volume } from '../../../support/volume.ts'

/** Of each kind; ten thousand of each in npm run fuzz. */
const TRIES = volume(2_000, 10_000)

const INVITER = 'inviter'

describe('an invitation that is attacked', () => {
  const folder = temporaryFolder()
  const random = seededRandom(12)
  let clock: ManualClock
  let book: InvitationBook
  let given: string[]
  beforeEach(async () => {
    clock = new ManualClock()
    given = []
    book = new InvitationBook(
      {
        clock,
        log: silentLogger,
        welcome: async (kind, peer) => {
          given.push(peer)
          return { kind: 'home', name: kind, federationLabel: 'ours', federationKey: Uint8Array.of(1) }
        },
      },
      { file: folder.path('invitations.json') },
    )
    await book.start()
  })
  afterEach(() => book.stop())

  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256))

  const meetingOf = (joiner: string): Meeting => ({
    ...{ inviter: INVITER, joiner },
    ...{ inviterNonce: bytes(32), joinerNonce: bytes(32) },
  })

  const idOf = (secret: Uint8Array): string => Buffer.from(invitationId(secret)).toString('hex')

  /** As the server puts it: `proof` was said in a conversation that is `meeting`. */
  const saying = (id: string, proof: Uint8Array, meeting: Meeting): Redeeming => ({
    ...{ id, peer: meeting.joiner, name: 'thief' },
    proves: (key) => isProof(proof, joinProof(key, meeting)),
  })

  /** What a holder of the secret says. */
  const honest = (secret: Uint8Array, joiner: string): Redeeming => {
    const meeting = meetingOf(joiner)
    return saying(idOf(secret), joinProof(invitationKey(secret), meeting), meeting)
  }

  /** Tries as often as promised; how many were refused, which must be all. */
  async function refusals(attempt: (i: number) => Redeeming): Promise<void> {
    let refused = 0
    for (let i = 0; i < TRIES; i += 1) {
      await book.redeem(attempt(i)).catch(({ code }) => {
        if (code === 'INVITATION_REFUSED') refused += 1
      })
    }
    assert.deepEqual([refused, given], [TRIES, []])
  }

  const made = async (hours = 24): Promise<Uint8Array> => (await book.create({ kind: 'home', hours, uses: 1 })).secret

  it('is not met by guessed secrets', async () => {
    const secret = await made()
    await refusals((i) => honest(bytes(16), `thief-${i}`))
    await book.redeem(honest(secret, 'laptop'))
    assert.deepEqual(given, ['laptop'], 'it is still good for the one that has it')
  })

  it('is not met by guessed proofs of one whose id was seen', async () => {
    const id = idOf(await made())
    await refusals((i) => saying(id, bytes(32), meetingOf(`thief-${i}`)))
  })

  it('is not met by what a holder said before, by itself or by another node', async () => {
    const secret = await made()
    const heard = meetingOf('laptop')
    const proof = joinProof(invitationKey(secret), heard)
    await refusals((i) =>
      saying(idOf(secret), proof, { ...heard, joiner: i % 2 === 0 ? 'laptop' : 'thief', inviterNonce: bytes(32) }),
    )
  })

  it('that was used is worth nothing to those who have its whole text', async () => {
    const secret = await made()
    await book.redeem(honest(secret, 'laptop'))
    given = []
    await refusals((i) => honest(secret, `thief-${i}`))
  })

  it('that has expired, or was taken back, is worth nothing to those who have its whole text', async () => {
    const [expired, revoked] = [await made(1), await made()]
    await book.revoke(idOf(revoked))
    clock.advance(3_600_000)
    await refusals((i) => honest(i % 2 === 0 ? expired : revoked, `thief-${i}`))
  })
})
