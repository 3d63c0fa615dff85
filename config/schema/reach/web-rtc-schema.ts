/** `node.webrtc` of realms.yml, how ways through two routers are opened: as written, and as it is composed. */
import { z } from 'zod'

/** The form that WebRTC has for them. Those with a password (TURN) are not needed: relays of the network serve. */
const STUN_URL = /^stun:(?:\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253}):[0-9]{1,5}$/

/** More would only make the search for a way longer; the package warns from five on. */
const MAX_NAMED_SERVERS = 2

const stunUrl = z.string().regex(STUN_URL, 'expected a STUN server, such as stun:stun.example.org:3478')

export const webRtcSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Open direct ways to peers that are reached over relays; needs the package `@libp2p/webrtc`.'),
    ice_servers: z
      .array(stunUrl)
      .max(MAX_NAMED_SERVERS)
      .default([])
      .describe(
        'STUN servers that are asked beside dialable nodes of the network, as `stun:HOST:PORT`: they learn your address.',
      ),
    stun: z
      .boolean()
      .default(true)
      .describe('Tell others where the internet sees them, by UDP at the port that the node listens on.'),
  })
  .prefault({})
  .describe('Direct ways between nodes that are both behind routers.')

type WebRtcFile = z.output<typeof webRtcSchema>

/** Direct ways between nodes that are both behind routers. */
export interface WebRtcConfig {
  /** Whether ways through two routers are opened. Default true. */
  readonly enabled: boolean
  /** STUN servers that are asked beside those of the network. Default none: nobody outside it is asked. */
  readonly iceServers: readonly string[]
  /** Whether this node answers STUN requests. Default true. */
  readonly stun: boolean
}

/** The section of a file that has passed the schema. */
export function resolveWebRtc({ enabled, ice_servers, stun }: WebRtcFile): WebRtcConfig {
  return { enabled, iceServers: ice_servers, stun }
}
