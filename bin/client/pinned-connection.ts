/**
 * A connection by TLS to the daemon of a home: its certificate is known by its fingerprint, from a file that only the
 * owner writes. No authority is asked, and no name compared: the certificate may be anyone's own.
 */
import { connect, type TLSSocket } from 'node:tls'
import { portOf } from '../../core/net/url-port.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'

/** Resolves once the other side has shown one of these certificates; nothing is sent before. Throws `FORBIDDEN`. */
export async function pinnedConnection(
  address: string,
  fingerprints: readonly string[],
  signal?: AbortSignal,
): Promise<TLSSocket> {
  const { hostname } = new URL(address)
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>()
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: portOf(address), rejectUnauthorized: false })
  const onAbort = (): void => void socket.destroy(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  socket.once('error', reject)
  socket.once('secureConnect', () => {
    if (fingerprints.includes(socket.getPeerCertificate().fingerprint256)) return resolve(socket)
    socket.destroy()
    reject(
      new RealmeshError('FORBIDDEN', `another program answers at ${address}, with a certificate that is not ours`, {
        fix: 'stop it, or let the node take another port: realmesh up --http 127.0.0.1:0',
      }),
    )
  })
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', onAbort)
    socket.off('error', reject)
  }
}
