/**
 * Whom an ICE agent asks where the internet sees it: dialable nodes of the own network, which this node is connected
 * to anyway, and those that its owner names. No others: there are no servers that are asked by default. Pure.
 */
import { isIP } from 'node:net'
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { hostOf, isPublic } from '../addresses/may-dial.ts'

/** Nodes that are asked: the answers of two are enough, and each is asked once per interface. */
export const MAX_ASKED_NODES = 2

/** As WebRTC has it. */
export interface IceServer {
  readonly urls: readonly string[]
}

export interface IceSources {
  readonly connections: readonly Pick<Connection, 'direction' | 'remoteAddr' | 'remotePeer'>[]
  /** The UDP port at which a peer answers, by its card. */
  readonly stunOf: (peer: string) => number | undefined
  /** Those of the owner, as URLs of STUN servers. */
  readonly named: readonly string[]
}

/** The own network's first: those on the public internet before others. */
export function iceServers({ connections, stunOf, named }: IceSources): readonly IceServer[] {
  const hosts = connections.flatMap((connection) => {
    const { direction, remoteAddr, remotePeer } = connection
    const host = hostOf(remoteAddr) ?? nameOf(remoteAddr)
    const port = stunOf(remotePeer.toString())
    // What this node dialled it can reach; what dialled it may be behind a router itself.
    if (direction !== 'outbound' || !isPlain(connection) || host === undefined || port === undefined) return []
    return [{ host, url: `stun:${host.includes(':') ? `[${host}]` : host}:${port}` }]
  })
  const isFar = ({ host }: { readonly host: string }): boolean => isIP(host) === 0 || isPublic(host)
  const [near, far] = [hosts.filter((each) => !isFar(each)), hosts.filter(isFar)]
  const nodes = [...new Set([...far, ...near].map(({ url }) => url))].slice(0, MAX_ASKED_NODES)
  return [...nodes, ...named].map((url) => ({ urls: [url] }))
}

/** The host by whose name the connection was dialled. */
function nameOf(address: Multiaddr): string | undefined {
  const [first] = address.getComponents()
  return first?.name.startsWith('dns') === true ? first.value : undefined
}

/** Whether it leads to the peer itself, at an address that it listens on. */
function isPlain({ remoteAddr }: Pick<Connection, 'remoteAddr'>): boolean {
  return !remoteAddr.getComponents().some(({ name }) => name === 'p2p-circuit' || name === 'webrtc')
}
