import assert from 'node:assert/strict'
import type { ConnectionEncrypter } from '@libp2p/interface'
import { guarded, WITHOUT_TLS_MS } from '../../../../../node/compose/libp2p/clock-tolerant-tls.ts'
import { ManualClock } from '../../../../support/manual-clock.ts'

function encrypter(protocol: string, fails?: string): ConnectionEncrypter {
  const secure = (): Promise<never> => Promise.reject(Object.assign(new Error('refused'), { name: fails ?? 'Error' }))
  return { protocol, secureInbound: secure, secureOutbound: secure }
}

describe('clockTolerantTls', () => {
  const clock = new ManualClock()

  /** What is offered after a handshake that failed in this way. */
  async function offeredAfter(fails: string, ...others: readonly string[]): Promise<Map<string, ConnectionEncrypter>> {
    const offered = new Map<string, ConnectionEncrypter>()
    const upgrader = { getConnectionEncrypters: () => offered }
    const outer = guarded(encrypter('/tls/1.0.0', fails), upgrader, { after: (ms, task) => clock.after(ms, task) })
    offered.set(outer.protocol, outer)
    for (const other of others) offered.set(other, encrypter(other))
    await assert.rejects(outer.secureInbound(undefined as never), { name: fails })
    return offered
  }

  it('leaves the connection to Noise once a certificate was refused, and comes first again after a while', async () => {
    const offered = await offeredAfter('InvalidCertificateError', '/noise')
    assert.deepEqual([...offered.keys()], ['/noise'])
    clock.advance(WITHOUT_TLS_MS)
    assert.deepEqual([...offered.keys()], ['/tls/1.0.0', '/noise'])
  })

  it('stays after any other failure, and where nothing else would be left', async () => {
    assert.deepEqual([...(await offeredAfter('UnexpectedPeerError', '/noise')).keys()], ['/tls/1.0.0', '/noise'])
    assert.deepEqual([...(await offeredAfter('InvalidCertificateError')).keys()], ['/tls/1.0.0'])
  })
})
