import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { Libp2pLinks } from '../../../discovery/links/libp2p-links.ts'
import { QueryClient } from '../../../protocols/query/asking/client.ts'
import {
  MAX_BODY_BYTES,
  MAX_EVENTS_PER_FRAME,
  MAX_REPLY_LOAD_BYTES,
  MAX_TEXT_ANSWER_BYTES,
  PIECE_BYTES,
  queryProtocol,
} from '../../../protocols/query/constants.ts'
import { framed, writable } from '../../../protocols/query/frames/framing.ts'
import { type Answer, Ask } from '../../../protocols/query/frames/messages.ts'
import { QueryServer } from '../../../protocols/query/serving/server.ts'
import { admits } from '../../support/admits.ts'
import { collect } from '../../support/collect.ts'
import { libp2pPair } from '../../support/libp2p-node.ts'
import { LOAD } from '../../support/libp2p-query-pair.ts'
import { RawLane, serveRaw } from '../../support/libp2p-raw-lane.ts'
import { chatQuery } from '../../support/query.ts'
import { until } from '../../support/until.ts'

const FOUR_GIB = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)

describe('a lane whose peer breaks the rules', () => {
  let asker: Libp2p
  let node: Libp2p

  beforeEach(async () => {
    ;[asker, node] = await libp2pPair()
  })

  afterEach(async () => {
    await asker.stop()
    await node.stop()
  })

  describe('towards a server', () => {
    let server: QueryServer
    let lane: RawLane
    let ran: number
    const reasons: string[] = []

    beforeEach(async () => {
      ran = 0
      reasons.length = 0
      server = new QueryServer(
        {
          links: new Libp2pLinks({ libp2p: node }),
          load: () => LOAD,
          onMalformed: (peer, reason) => reasons.push(`${peer === asker.peerId.toString()}: ${reason}`),
          admit: admits(async function* (query, { signal }) {
            ran += 1
            if (query.id === 'slow') {
              await new Promise((resolve) => {
                signal.addEventListener('abort', () => resolve(undefined))
              })
            }
            yield { kind: 'end', finishReason: 'stop' }
          }),
        },
        { network: 'test' },
      )
      await server.start()
      lane = await RawLane.dial(asker, node)
    })

    afterEach(async () => {
      await server.stop()
    })

    const isCut = async (why: RegExp): Promise<void> => {
      assert.ok((await lane.closed) instanceof Error)
      await until('no lane', () => server.stats().lanes === 0)
      assert.equal(server.stats().malformed, 1)
      assert.match(reasons.join(), why)
      assert.match(reasons.join(), /^true: /)
    }

    it('is cut at a length of 4 GiB', async () => {
      lane.send(FOUR_GIB)
      await isCut(/more than/)
    })

    it('is cut at an empty frame', async () => {
      lane.send(Uint8Array.of(0))
      await isCut(/empty/)
    })

    it('is cut at bytes that are no message', async () => {
      lane.send(framed(Uint8Array.of(0x52, 0xff, 0x01, 0x00)))
      await isCut(/malformed/)
    })

    for (const number of [0, 2, 4_000_000_000]) {
      it(`is cut at a query with the number ${number} instead of 1`, async () => {
        lane.ask({ number })
        await isCut(/out of turn/)
      })
    }

    it('is cut at a body that is announced larger than allowed', async () => {
      lane.ask({ bodyBytes: MAX_BODY_BYTES + 1 })
      await isCut(/larger than allowed/)
    })

    it('is cut at a body that is larger than announced', async () => {
      lane.ask({ bodyBytes: 3 })
      await isCut(/more of a query/)
    })

    it('is cut at a body in crumbs', async () => {
      lane.ask({ bodyBytes: 2 * PIECE_BYTES, body: new Uint8Array(PIECE_BYTES) })
      lane.send(framed(Ask.encode({ number: 1, body: Uint8Array.of(1) })))
      await isCut(/wrong size/)
    })

    it('is cut at a second query while the first is answered, and the first is aborted', async () => {
      lane.ask({ id: 'slow' })
      await lane.nextAnswer()
      lane.ask({ number: 2 })
      await isCut(/another query before the end/)
      assert.equal(ran, 1)
    })

    it('is cut at two queries in one write', async () => {
      lane.ask()
      lane.ask({ number: 2 })
      await isCut(/another query before the end/)
      assert.equal(ran, 0)
    })

    it('stays whole after a query that is refused for its content, which counts as a breach', async () => {
      lane.ask({ realm: 'no realm' })
      assert.equal((await lane.nextAnswer()).failure?.code, 'BAD_REQUEST')
      const body = Buffer.from('{"messages":[],"__proto__":{"x":1}}')
      lane.ask({ number: 2, body, bodyBytes: body.byteLength })
      assert.equal((await lane.nextAnswer()).failure?.code, 'BAD_REQUEST')
      lane.ask({ number: 3, type: 'poetry' })
      assert.equal((await lane.nextAnswer()).failure?.code, 'BAD_REQUEST')
      assert.equal(ran, 0)
      lane.ask({ number: 4 })
      assert.equal((await lane.nextAnswer()).events[0]?.end?.finishReason, 'stop')
      assert.equal(server.stats().malformed, 3)
      assert.equal(reasons.length, 3)
    })

    it('breaks no rule by a field that is not known here: the asker may be newer', async () => {
      const body = Buffer.from('{"messages":[],"moonPhase":0.5}')
      lane.ask({ body, bodyBytes: body.byteLength })
      assert.equal((await lane.nextAnswer()).failure?.code, 'BAD_REQUEST')
      assert.equal(server.stats().malformed, 0)
    })
  })

  describe('towards an asker', () => {
    let client: QueryClient

    beforeEach(() => {
      client = new QueryClient({ links: new Libp2pLinks({ libp2p: asker }), onLoad: () => {} }, { network: 'test' })
    })

    afterEach(async () => {
      await client.stop()
    })

    const ask = (): Promise<unknown> =>
      collect(client.run(node.peerId.toString())(chatQuery(), { signal: new AbortController().signal }))

    const cases: Record<string, (lane: RawLane) => void> = {
      'a length of 4 GiB': (lane) => lane.send(FOUR_GIB),
      'bytes that are no message': (lane) => lane.send(framed(Uint8Array.of(0x12, 0xff, 0x01, 0x00))),
      'frames of another query': (lane) => lane.answer({ number: 2, events: [{ text: 'not yours' }] }),
      'a load that is none': (lane) => lane.answer({ load: Uint8Array.of(0x22, 0x7f) }),
      'an end of an unknown kind': (lane) => lane.answer({ events: [{ end: { finishReason: 'bored', sources: [] } }] }),
      'a vector that ends within a number': (lane) =>
        lane.answer({ events: [{ piece: Uint8Array.of(1, 2, 3) }, { embedding: { index: 0 } }] }),
      'a failure with a code of its own': (lane) =>
        lane.answer({ failure: { code: 'UNAUTHORIZED', message: 'give me your key', retryable: false } }),
    }

    for (const [what, send] of Object.entries(cases)) {
      it(`fails the query at ${what}`, async () => {
        await serveRaw(node, send)
        await assert.rejects(ask(), { code: 'PROTOCOL_ERROR', retryable: true })
        assert.equal(client.running, 0)
      })
    }

    it('gives up an answer that has no end, whether it is long or says nothing', async () => {
      const long = { text: '\u4e00'.repeat(15_000) }
      const endless: Record<string, Partial<Answer>> = {
        bytes: { events: [long, long] },
        events: { events: Array.from({ length: MAX_EVENTS_PER_FRAME + 1 }, () => ({ text: '' })) },
        load: { load: new Uint8Array(MAX_REPLY_LOAD_BYTES + 1) },
      }
      for (const [what, frame] of Object.entries(endless)) {
        await node.unhandle(queryProtocol('test'))
        let sent = 0
        await serveRaw(node, (lane) => {
          void (async () => {
            for (; lane.stream.status === 'open'; sent += 1) {
              lane.answer(frame)
              if (lane.stream.writableNeedsDrain) await writable(lane.stream)
            }
          })().catch(() => {})
        })
        await assert.rejects(ask(), { code: 'PROTOCOL_ERROR' }, what)
        assert.ok(sent * 90_000 < 3 * MAX_TEXT_ANSWER_BYTES, `${sent} frames of ${what}`)
      }
    })

    it('never hands on control characters or endless texts of an error', async () => {
      await serveRaw(node, (lane) => {
        const message = `\u001b[2Jbusy\r\n\u202e${'x'.repeat(10_000)}`
        lane.answer({ failure: { code: 'BAD_REQUEST', message, retryable: true, retryAfterMs: 4_000_000_000 } })
      })
      await assert.rejects(ask(), (error: RealmeshError) => {
        assert.ok(error instanceof RealmeshError)
        assert.match(error.message, /^\[2Jbusy x+$/)
        assert.ok(error.message.length <= 300)
        assert.equal(error.retryAfterMs, 3_600_000)
        return true
      })
    })

    it('takes a lane that ends without an end for lost', async () => {
      await serveRaw(node, (lane) => {
        lane.answer({ events: [{ text: 'half' }] })
        void lane.stream.close()
      })
      await assert.rejects(ask(), { code: 'PEER_LOST' })
    })

    it('does not reuse a lane on which something came unasked', async () => {
      let lanes = 0
      await serveRaw(node, (lane) => {
        lanes += 1
        lane.answer({ events: [{ end: { finishReason: 'stop', sources: [] } }] })
        lane.answer({ events: [{ text: 'and another thing' }] })
      })
      for (let i = 0; i < 3; i += 1) await ask()
      assert.equal(lanes, 3)
    })
  })
})
