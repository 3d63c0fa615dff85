import assert from 'node:assert/strict'
import { patient } from '../../../../../../node/compose/libp2p/web-rtc/patient-signalling.ts'
import { FakeStream } from '../../../../../support/fake-stream.ts'

const OFFER = Buffer.from('offer')
const CANDIDATE = Buffer.from('candidate')
/** Longer than one byte of length tells. */
const ANSWER = Buffer.concat([Buffer.from([0xac, 0x02]), Buffer.alloc(300)])

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('patient signalling', () => {
  it('sends the offer at once, and where it can be reached behind the answer', async () => {
    const fake = new FakeStream()
    const stream = patient(fake.stream)
    for (const bytes of [OFFER, CANDIDATE, CANDIDATE]) stream.send(bytes)
    assert.deepEqual(fake.sent, [OFFER])
    fake.receive(ANSWER.subarray(0, 100))
    await nextTurn()
    assert.deepEqual(fake.sent, [OFFER])
    fake.receive(ANSWER.subarray(100))
    assert.deepEqual(fake.sent, [OFFER], 'the answer has not been read')
    await nextTurn()
    assert.deepEqual(fake.sent, [OFFER, CANDIDATE, CANDIDATE])
    stream.send(CANDIDATE)
    assert.equal(fake.sent.length, 4)
  })

  it('drops what waits when the stream is closed meanwhile', async () => {
    const fake = new FakeStream()
    const stream = patient(fake.stream)
    for (const bytes of [OFFER, CANDIDATE]) stream.send(bytes)
    fake.receive(ANSWER)
    fake.writeStatus = 'closed'
    await nextTurn()
    assert.deepEqual(fake.sent, [OFFER])
  })
})
