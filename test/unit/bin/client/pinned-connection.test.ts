import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:tls'
import { pinnedConnection } from '../../../../bin/client/pinned-connection.ts'
import { type CertificateName, certificateOf } from '../../../support/certificates.ts'

const fingerprintOf = (name: CertificateName): string => new X509Certificate(certificateOf(name).cert).fingerprint256

describe('a connection to the own daemon by TLS', () => {
  let server: Server
  let address: string
  let received: number
  beforeEach(async () => {
    received = 0
    server = createServer(certificateOf('one'), (socket) => {
      socket.on('error', () => {}).on('data', ({ length }) => (received += length))
    })
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => server.close())

  it('is made with a certificate that the daemon noted, whoever signed it', async () => {
    const socket = await pinnedConnection(address, [fingerprintOf('two'), fingerprintOf('one')])
    assert.equal(socket.encrypted, true)
    socket.destroy()
  })

  it('is refused with every other one, before anything is sent', async () => {
    for (const fingerprints of [[], [fingerprintOf('two')]]) {
      await assert.rejects(pinnedConnection(address, fingerprints), {
        code: 'FORBIDDEN',
        message: /a certificate that is not ours/,
      })
    }
    assert.equal(received, 0)
  })

  it('tells the system’s reason where nobody listens', async () => {
    server.close()
    await once(server, 'close')
    await assert.rejects(pinnedConnection(address, []), { code: 'ECONNREFUSED' })
  })
})
