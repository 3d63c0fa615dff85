import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { QueryEvent } from '../../../../core/query/query-event.ts'
import { ed25519Signer } from '../../../../node/realm/ed25519-signer.ts'
import {
  addServedPart,
  MAX_SIGNED_TOGETHER,
  signOwnParts,
  signServedParts,
  verifyServedPart,
} from '../../../../node/realm/served-part.ts'
import { RouteJournal } from '../../../../node/route/route-journal.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { chatQuery } from '../../../support/query.ts'

const START: QueryEvent = { kind: 'start', node: 'me', worker: 'rig', engine: 'fake', model: 'tiny' }
const PART = {
  ...{ node: 'me', worker: 'rig', engine: 'fake', model: 'tiny', answerHash: 'aa' },
  ...{ promptTokens: 1, completionTokens: 2, waitedMs: 3 },
}
const key = await generateKeyPair('Ed25519')
const signer = ed25519Signer(key)

describe('the part that was served', () => {
  it('says by whom, how long it waited, and the hash of all that was sent', () => {
    let now = 0
    const add = addServedPart(() => now)
    now = 40
    const events: QueryEvent[] = [START, { kind: 'text', text: 'he' }, { kind: 'text', text: 'llo' }]
    for (const event of events) assert.equal(add(event), event)
    const usage = { promptTokens: 5, completionTokens: 2 }
    const end = add({ kind: 'end', finishReason: 'stop', usage })
    const answerHash = createHash('sha256').update('hello').digest('hex')
    const served = end.kind === 'end' ? end.served : undefined
    assert.deepEqual(served, { ...PART, answerHash, ...usage, waitedMs: 40 })
  })

  it('is left out of an end that no worker began', () => {
    const end: QueryEvent = { kind: 'end', finishReason: 'stop' }
    assert.equal(addServedPart(() => 0)(end), end)
  })

  it('is proved by its signature, for this query and unchanged only, alone and together with others', async () => {
    const parts = Array.from({ length: MAX_SIGNED_TOGETHER }, (_, i) => ({
      id: `q-${i}`,
      part: { ...PART, waitedMs: i },
    }))
    for (const together of [parts, parts.slice(0, 1)]) {
      for (const [i, part] of signServedParts(together, signer).entries()) {
        assert.equal(await verifyServedPart(`q-${i}`, part, key.publicKey), true)
        assert.equal(await verifyServedPart('q-other', part, key.publicKey), false)
        assert.equal(await verifyServedPart(`q-${i}`, { ...part, completionTokens: 9 }, key.publicKey), false)
      }
    }
    const stranger = await generateKeyPair('Ed25519')
    const [signed = PART] = signServedParts(parts.slice(0, 1), signer)
    assert.equal(await verifyServedPart('q-0', signed, stranger.publicKey), false)
    assert.equal(await verifyServedPart('q-0', PART, key.publicKey), false)
  })

  it('is signed in a receipt where it is our own, and left alone where it is of another node', async () => {
    const query = chatQuery()
    const journal = new RouteJournal(query, new ManualClock())
    for (const node of ['other', 'me']) {
      const attempt = journal.attempt(node)
      attempt.saw({ kind: 'end', finishReason: 'stop', served: { ...PART, node } })
      attempt.ended('served')
    }
    const [other, mine] = signOwnParts(journal.receipt('served'), 'me', signer).attempts
    assert.equal(other?.served?.signature, undefined)
    assert.equal(mine?.served !== undefined && (await verifyServedPart(query.id, mine.served, key.publicKey)), true)
  })
})
