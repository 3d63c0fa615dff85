/** The server of a gateway that speaks TLS: its certificate may change while it runs, and a handshake has a time. */
import type { RequestListener, Server, ServerOptions } from 'node:http'
import { createServer, type Server as TlsServer } from 'node:https'
import type { SecureContextOptions } from 'node:tls'

/** A certificate with its chain, and its key; PEM. */
export interface CertificatePair {
  readonly cert: string
  readonly key: string
}

/** A handshake takes two round trips: as long as the head of a request, and then the connection ends. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

/** 1.0 and 1.1 are broken and forbidden (RFC 8996). */
const OLDEST_TLS = 'TLSv1.2'

export interface TlsServerInit {
  readonly certificate: CertificatePair
  /** As for a server without TLS. */
  readonly http: ServerOptions
  /** @default HANDSHAKE_TIMEOUT_MS */
  readonly handshakeTimeoutMs?: number | undefined
}

/** A server whose requests go to `handler`. Throws what OpenSSL says of a pair that does not fit. */
export function createTlsServer(handler: RequestListener, init: TlsServerInit): TlsServer {
  return createServer(
    {
      ...init.http,
      ...contextOf(init.certificate),
      handshakeTimeout: init.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS,
    },
    handler,
  )
}

/** Another certificate for new connections; those that are open go on. Throws what OpenSSL says of a bad pair. */
export function takeCertificate(server: Server | TlsServer, certificate: CertificatePair): void {
  if ('setSecureContext' in server) server.setSecureContext(contextOf(certificate))
}

function contextOf({ cert, key }: CertificatePair): SecureContextOptions {
  return { cert, key, minVersion: OLDEST_TLS }
}
