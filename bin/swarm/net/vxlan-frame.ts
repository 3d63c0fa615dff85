/**
 * Ethernet in VXLAN (RFC 7348): an 8-byte header, whose bytes 4 to 6 are the network's number, and then the frame. Each
 * link is a network of its own; the frames of its devices bear its number in their address. Pure.
 */

export const VXLAN_PORT = 4_789
/** Both ends of the tunnel between the namespace that holds the devices' sockets and the switch's. */
export const TUNNEL_ADDRESS = '10.200.0.1'
export const SWITCH_ADDRESS = '10.200.0.2'

const HEADER_BYTES = 8
const ETHERNET_BYTES = 14
const ETHERTYPE_ARP = 0x0806

export interface FrameRoute {
  readonly from: number
  readonly to: readonly number[]
  /** Address resolution: between two homes of the real world there is none that could be lost. */
  readonly isNeighbourTalk: boolean
}

/** Device address of a link, 1 to 65,535. */
export function linkMac(link: number): string {
  const hex = link.toString(16).padStart(4, '0')
  return `02:00:00:00:${hex.slice(0, 2)}:${hex.slice(2)}`
}

/** Address of a link on the wide network. From a range that is for documentation, so that nobody's network is meant. */
export function wideAddress(link: number): string {
  return `203.0.113.${link}`
}

/**
 * Where a frame goes; undefined for what is no frame of ours, and for multicast, which no router of the world passes
 * on.
 */
export function frameRoute(packet: Buffer, links: readonly number[]): FrameRoute | undefined {
  if (packet.byteLength < HEADER_BYTES + ETHERNET_BYTES) return undefined
  const from = packet.readUIntBE(4, 3)
  const isForAll = ((packet[HEADER_BYTES] ?? 0) & 1) === 1
  const address = packet.readUInt16BE(HEADER_BYTES + 4)
  const isNeighbourTalk = packet.readUInt16BE(HEADER_BYTES + 12) === ETHERTYPE_ARP
  if (isForAll && !isNeighbourTalk) return undefined
  const to = isForAll ? links.filter((link) => link !== from) : links.filter((link) => link === address)
  return { from, to, isNeighbourTalk }
}
