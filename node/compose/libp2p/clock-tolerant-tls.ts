/**
 * TLS for peers whose clocks agree. libp2p's certificates say from when on they are valid, an hour before they were
 * made: a node whose clock is further behind refuses those of others, and would never meet them. Who a peer is follows
 * from its key, not from the hour; such a node offers Noise alone for a while, which knows no hours.
 */
import type { ConnectionEncrypter } from '@libp2p/interface'
import { type TLSComponents, tls } from '@libp2p/tls'

/** Name of libp2p's error for a certificate that it does not take; its class is not exported. */
const REFUSED = 'InvalidCertificateError'

/** A peer may show a wrong certificate on purpose: what that costs, the speed of TLS, ends by itself. */
export const WITHOUT_TLS_MS = 10 * 60_000

export interface ClockTolerantTlsInit {
  /** Calls `task` once after `ms`. */
  readonly after: (ms: number, task: () => void) => void
  /** Makes the encrypter that is guarded. @default that of `tls()` */
  readonly create?: (components: TLSComponents) => ConnectionEncrypter
}

/** What is used of the upgrader: its living map of encrypters, in the order in which they are offered. */
export interface OfferedEncrypters {
  getConnectionEncrypters(): Map<string, ConnectionEncrypter<unknown>>
}

/** As `tls()`. */
export function clockTolerantTls(init: ClockTolerantTlsInit): (components: TLSComponents) => ConnectionEncrypter {
  return (components) => {
    // The upgrader comes to be after its encrypters.
    const upgrader = { getConnectionEncrypters: () => components.upgrader.getConnectionEncrypters() }
    return guarded((init.create ?? tls())(components), upgrader, init)
  }
}

/** `inner`, which is taken off the list for a while once it has refused a certificate. */
export function guarded(
  inner: ConnectionEncrypter,
  upgrader: OfferedEncrypters,
  { after }: Pick<ClockTolerantTlsInit, 'after'>,
): ConnectionEncrypter {
  const { protocol } = inner
  const withdraw = (): void => {
    const offered = upgrader.getConnectionEncrypters()
    if (offered.size < 2 || !offered.delete(protocol)) return
    after(WITHOUT_TLS_MS, () => {
      const others = [...offered]
      offered.clear()
      for (const [name, encrypter] of [[protocol, outer] as const, ...others]) offered.set(name, encrypter)
    })
  }
  const watched = async <T>(secured: Promise<T>): Promise<T> => {
    try {
      return await secured
    } catch (error) {
      if (error instanceof Error && error.name === REFUSED) withdraw()
      throw error
    }
  }
  const outer: ConnectionEncrypter = {
    protocol,
    secureInbound: (connection, options) => watched(inner.secureInbound(connection, options)),
    secureOutbound: (connection, options) => watched(inner.secureOutbound(connection, options)),
  }
  return outer
}
