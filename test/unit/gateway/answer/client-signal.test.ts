/** Clients that end their side: one waits for its answer, the other has left. Asked over sockets. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text as textOfStream } from 'node:stream/consumers'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { HALF_CLOSED_GRACE_MS } from '../../../../gateway/answer/client-signal.ts'
import { aborted } from '../../../support/aborted.ts'
import { FAKE_START } from '../../../support/fake-node.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { HELLO, type StartedGateway, startGateway } from '../../../support/started-gateway.ts'
import { until } from '../../../support/until.ts'

describe('a client that ends its side', () => {
  let started: StartedGateway
  let clock: ManualClock
  let asked: PromiseWithResolvers<void>
  let answer: PromiseWithResolvers<void>
  let cancelled: PromiseWithResolvers<void>
  beforeEach(async () => {
    clock = new ManualClock()
    started = await startGateway({}, { clock })
    asked = Promise.withResolvers()
    answer = Promise.withResolvers()
    cancelled = Promise.withResolvers()
    started.node.script = async function* ({ body }, signal) {
      yield FAKE_START
      if (JSON.stringify(body).includes('first')) yield { kind: 'text', text: 'one ' }
      asked.resolve()
      await Promise.race([answer.promise, aborted(signal)])
      if (signal.aborted) cancelled.resolve()
      if (signal.aborted) throw new RealmeshError('CANCELLED', 'gone')
      yield { kind: 'text', text: 'here it is' }
      yield { kind: 'end', finishReason: 'stop' }
    }
  })
  afterEach(() => started.gateway.stop())

  const ask = (version: string, body: object = HELLO) => {
    const text = JSON.stringify(body)
    const socket = connect({ port: started.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.write(
      `POST /v1/chat/completions HTTP/${version}\r\nhost: 127.0.0.1:${started.port}\r\nconnection: close\r\n` +
        `content-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    )
    return socket
  }
  const untilArmed = (): Promise<void> =>
    until('the grace of a half-closed client', () => clock.waits.includes(HALF_CLOSED_GRACE_MS))

  it('gets its answer, and nothing else when that comes soon', async () => {
    const socket = ask('1.1')
    socket.end()
    await asked.promise
    await untilArmed()
    answer.resolve()
    assert.match(await textOfStream(socket), /^HTTP\/1\.1 200 .*here it is/s)
  })

  it('is asked whether it is there when the answer takes long, and gets it', async () => {
    const socket = ask('1.1')
    socket.end()
    await asked.promise
    await untilArmed()
    clock.advance(HALF_CLOSED_GRACE_MS)
    const [first] = await once(socket, 'data')
    assert.equal(String(first), 'HTTP/1.1 102 Processing\r\n\r\n')
    answer.resolve()
    assert.match(await textOfStream(socket), /^HTTP\/1\.1 200 .*here it is/s)
  })

  it('is told within a stream that has begun', async () => {
    const socket = ask('1.1', { messages: [{ role: 'user', content: 'first' }], stream: true })
    const [begun] = await once(socket, 'data')
    assert.match(String(begun), /one /)
    socket.end()
    await untilArmed()
    clock.advance(HALF_CLOSED_GRACE_MS)
    const [sign] = await once(socket, 'data')
    assert.match(String(sign), /: ping\n\n/)
    answer.resolve()
    assert.match(await textOfStream(socket), /here it is.*\[DONE\]/s)
  })

  for (const stream of [false, true]) {
    it(`has left when it takes nothing any more, ${stream ? 'in a stream' : 'before its answer'}`, async () => {
      const socket = ask('1.1', { messages: [{ role: 'user', content: stream ? 'first' : 'x' }], stream })
      await (stream ? once(socket, 'data') : asked.promise)
      socket.destroy()
      await untilArmed()
      clock.advance(HALF_CLOSED_GRACE_MS) // brings the reset
      await (await fetch(`${started.gateway.url}/health`)).text() // which comes before what is asked behind it
      clock.advance(2_000) // and this finds it
      await cancelled.promise
    })
  }

  it('has left in HTTP/1.0, which cannot be asked', async () => {
    const socket = ask('1.0')
    socket.end()
    await asked.promise
    await untilArmed()
    clock.advance(HALF_CLOSED_GRACE_MS)
    await cancelled.promise
    socket.destroy()
  })
})
