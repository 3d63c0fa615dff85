import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Logger } from '../../../../core/logger.ts'
import { silentLogger } from '../../../../core/logger.ts'
import { STUN_RULE } from '../../../../protocols/stun/constants.ts'
import { StunResponder } from '../../../../protocols/stun/responder.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const REQUEST = Buffer.from('000100002112a442b7e7a701bc34d686fa87dfae', 'hex')

describe('the STUN responder', () => {
  const clock = new ManualClock()
  let responder: StunResponder
  let client: Socket

  const portOf = (): number => responder.places[0]?.port ?? 0
  const ask = async (bytes = REQUEST): Promise<Buffer> => {
    const answer = once(client, 'message')
    client.send(bytes, portOf(), '127.0.0.1')
    return (await answer)[0] as Buffer
  }

  beforeEach(async () => {
    responder = new StunResponder({ clock, log: silentLogger }, { places: () => [{ host: '127.0.0.1', port: 0 }] })
    await responder.start()
    client = createSocket('udp4')
    await new Promise<void>((resolve) => client.bind(0, '127.0.0.1', resolve))
  })

  afterEach(async () => {
    client.close()
    await responder.stop()
  })

  it('tells a sender its address', async () => {
    const answer = await ask()
    assert.equal(answer.readUInt16BE(26) ^ 0x2112, client.address().port)
  })

  it('lets one address ask so often, and again later; an answer for all others comes meanwhile', async () => {
    const answers: Buffer[] = []
    client.on('message', (bytes) => answers.push(bytes))
    for (let i = 0; i < STUN_RULE.burst + 20; i++) client.send(REQUEST, portOf(), '127.0.0.1')
    const other = createSocket('udp4')
    await new Promise<void>((resolve) => other.bind(0, '127.0.0.2', resolve))
    const answered = once(other, 'message')
    other.send(REQUEST, portOf(), '127.0.0.1')
    await answered // behind all that was sent before it
    other.close()
    await new Promise((resolve) => setImmediate(resolve))
    assert.ok(answers.length <= STUN_RULE.burst, String(answers.length))
    clock.advance(1_000)
    await ask()
  })

  it('is silent to what is no request', async () => {
    client.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'), portOf(), '127.0.0.1')
    const answer = await ask()
    assert.deepEqual(answer.subarray(8, 20), REQUEST.subarray(8))
  })

  it('leaves a port that is taken to its owner, says so, and the node runs without', async () => {
    const lines: string[] = []
    const log: Logger = { ...silentLogger, warn: (fields) => void lines.push(JSON.stringify(fields)) }
    const second = new StunResponder({ clock, log }, { places: () => responder.places })
    await second.start()
    assert.deepEqual(second.places, [])
    assert.match(lines.join(), /EADDRINUSE/)
    await second.stop()
  })

  it('ends with no socket left, and can be started again', async () => {
    await responder.stop()
    assert.deepEqual(responder.places, [])
    await responder.start()
    await ask()
  })
})
