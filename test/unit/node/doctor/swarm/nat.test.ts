/** What kind of router is in front: asked of real STUN responders, judged by what they say. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { silentLogger } from '../../../../../core/logger.ts'
import { systemClock } from '../../../../../core/run/clock.ts'
import { linkedAbort } from '../../../../../core/run/linked-abort.ts'
import { askWhereSeen, judgeNat, type NatAnswer, stunServerOf } from '../../../../../node/doctor/swarm/nat.ts'
import { StunResponder } from '../../../../../protocols/stun/responder.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'

describe('asking where this node is seen', () => {
  const signal = linkedAbort().signal
  const responders: StunResponder[] = []

  afterEach(async () => {
    for (const responder of responders.splice(0)) await responder.stop()
  })

  async function server(): Promise<{ readonly host: string; readonly port: number }> {
    const init = { places: () => [{ host: '127.0.0.1', port: 0 }] }
    const responder = new StunResponder({ clock: new ManualClock(), log: silentLogger }, init)
    await responder.start()
    responders.push(responder)
    return { host: '127.0.0.1', port: responder.places[0]?.port ?? 0 }
  }

  it('hears the same from all, who see one socket', async () => {
    const [one, two] = await askWhereSeen([await server(), await server()], { clock: systemClock, signal })
    assert.equal(one?.seen?.address, '127.0.0.1')
    assert.ok((one?.seen?.port ?? 0) > 0)
    assert.deepEqual(one?.seen, two?.seen)
  })

  it('goes on without one that does not answer, and believes none that was not asked', async () => {
    const clock = new ManualClock()
    const liar = createSocket('udp4')
    await new Promise<void>((resolve) => liar.bind(0, '127.0.0.1', resolve))
    liar.on('message', (bytes, from) => {
      const forged = Buffer.concat([
        Buffer.from('0101000c2112a442', 'hex'),
        Buffer.alloc(12),
        Buffer.from('002000080001a147e112a643', 'hex'),
      ])
      liar.send(forged, from.port, from.address)
      assert.equal(bytes.length, 20)
    })
    const asking = askWhereSeen([{ host: '127.0.0.1', port: liar.address().port }], { clock, signal })
    for (let i = 0; i < 4; i += 1) {
      await once(liar, 'message')
      clock.advance(500)
    }
    assert.deepEqual((await asking)[0]?.seen, undefined)
    liar.close()
  })

  it('asks nobody where nobody answers such questions', async () => {
    assert.deepEqual(await askWhereSeen([], { clock: new ManualClock(), signal }), [])
  })

  it('knows servers of IPv4 by their URLs', () => {
    const servers = ['stun:192.0.2.1:4501', 'stun:[2001:db8::1]:4501', 'stun:stun.example.org:3478'].map(stunServerOf)
    assert.deepEqual(servers, [{ host: '192.0.2.1', port: 4501 }, undefined, undefined])
  })
})

describe('the router, as the doctor sees it', () => {
  const answer = (host: string, address?: string, port = 40_000): NatAnswer => ({
    host,
    port: 4501,
    ...(address !== undefined && { seen: { address, port } }),
  })
  const ROUTER = '11.0.0.101'
  const cases: readonly (readonly [what: string, answers: readonly NatAnswer[], code: string])[] = [
    ['nobody to ask', [], 'nat.unknown'],
    ['neighbours only', [answer('192.168.1.7', '192.168.1.5')], 'nat.unknown'],
    ['silence', [answer('11.0.0.9'), answer('11.0.0.8')], 'nat.no-udp'],
    ['an address of this machine', [answer('11.0.0.9', '11.0.0.5')], 'nat.none'],
    ['one answer', [answer('11.0.0.9', ROUTER), answer('11.0.0.8')], 'nat.unknown'],
    ['the same port', [answer('11.0.0.9', ROUTER), answer('11.0.0.8', ROUTER)], 'nat.same'],
    ['another port', [answer('11.0.0.9', ROUTER), answer('11.0.0.8', ROUTER, 40_001)], 'nat.symmetric'],
  ]
  for (const [what, answers, code] of cases) {
    it(`with ${what} is ${code}`, () => {
      assert.equal(judgeNat(answers, ['11.0.0.5', '192.168.1.5']).code, code)
    })
  }
})
