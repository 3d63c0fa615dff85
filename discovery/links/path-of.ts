/** The path of a libp2p connection, as the address of its other end tells it. Pure. */
import type { Connection } from '@libp2p/interface'
import type { Path, PathCarrier, PathKind } from '../../core/net/path.ts'
import { hostOf, isLoopback, isPublic } from '../addresses/may-dial.ts'

/**
 * Told by the remote address alone. Of a connection that was punched (`/webrtc`) it names the relay that helped at its
 * start, or nothing at all: no relay carries its bytes, and where its other end is, is not known.
 */
export function pathOf({ remoteAddr }: Pick<Connection, 'remoteAddr'>): Path {
  const parts = remoteAddr.getComponents()
  const names = parts.map(({ name }) => name)
  const circuit = names.indexOf('p2p-circuit')
  const punched = names.indexOf('webrtc')
  if (punched >= 0 && punched > circuit) return { kind: 'direct', over: 'webrtc' }
  if (circuit < 0) return { kind: kindOf(hostOf(remoteAddr)), over: carrierOf(names) }
  const relay = parts.slice(0, circuit).findLast(({ name }) => name === 'p2p')?.value
  return { kind: 'relayed', over: carrierOf(names.slice(0, circuit)), ...(relay === undefined ? {} : { relay }) }
}

/** A name leads anywhere: it is taken for the internet. */
function kindOf(host: string | undefined): PathKind {
  if (host === undefined || isPublic(host)) return 'direct'
  return isLoopback(host) ? 'loopback' : 'lan'
}

/** QUIC runs over UDP, and so does WebRTC; a WebSocket is TCP with a few bytes more. */
function carrierOf(names: readonly string[]): PathCarrier {
  if (names.some((name) => name.startsWith('webrtc'))) return 'webrtc'
  return names.includes('tcp') ? 'tcp' : 'other'
}
