/** Direct ways between nodes behind routers, put together: who asks where it is seen, who tells, and who tries when. */
import { networkInterfaces } from 'node:os'
import type { Libp2p } from '@libp2p/interface'
import type { WebRtcConfig } from '../../../../config/schema/reach/web-rtc-schema.ts'
import type { Logger } from '../../../../core/logger.ts'
import type { Clock } from '../../../../core/run/clock.ts'
import type { Startable } from '../../../../core/run/startable.ts'
import type { DenyList } from '../../../../discovery/guard/deny-list.ts'
import type { PeerTable } from '../../../../discovery/peers/peer-table.ts'
import { HopelessPunches } from '../../../../discovery/punch/hopeless-punches.ts'
import { type IceServer, iceServers } from '../../../../discovery/punch/ice-servers.ts'
import { ownNetworkOf } from '../../../../discovery/punch/own-network.ts'
import { type PunchCounts, Punching, type PunchingLibp2p } from '../../../../discovery/punch/punching.ts'
import type { PunchingState } from '../../../../discovery/punch/punching-state.ts'
import { StunResponder } from '../../../../protocols/stun/responder.ts'
import { stunPlaces } from '../../../../protocols/stun/stun-places.ts'
import type { DirectDial } from './direct-dial.ts'
import { type LazyWebRtcInit, SIGNALLING_PROTOCOL } from './lazy-web-rtc.ts'
import { WebRtcPackage } from './web-rtc-package.ts'

export interface PunchingRoomComponents {
  /** There once the room is started. */
  readonly libp2p: () => PunchingLibp2p &
    Pick<Libp2p, 'getMultiaddrs'> & { readonly services: { readonly punch: DirectDial } }
  readonly peers: Pick<PeerTable, 'get'>
  readonly denyList: Pick<DenyList, 'isDenied'>
  readonly clock: Clock
  readonly log: Logger
}

export interface PunchingRoomInit extends WebRtcConfig {
  /** Where the node listens. */
  readonly listen: readonly string[]
}

/** What is told of direct ways to peers that are reached over relays. */
export interface DirectWays extends PunchCounts {
  readonly webRtc: PunchingState
}

export interface PunchingRoom {
  /** For libp2p, before it is there; undefined where the owner wants none. */
  readonly webRtc: LazyWebRtcInit | undefined
  readonly package: WebRtcPackage
  readonly report: () => DirectWays
  /** Whom this node asks where it is seen. */
  readonly servers: () => readonly IceServer[]
  /** Known once it is started. */
  readonly punching: () => Punching
  /** The UDP port at which this node answers; undefined where it does not. */
  readonly stunPort: () => number | undefined
  /** Starts behind libp2p and ends before it. */
  readonly part: Startable
}

/** Nothing is started. */
export function composePunching(components: PunchingRoomComponents, init: PunchingRoomInit): PunchingRoom {
  const { libp2p, peers, denyList, clock, log } = components
  const webRtcPackage = new WebRtcPackage({ enabled: init.enabled })
  const responder = new StunResponder(
    { clock, log },
    { places: () => (init.stun ? stunPlaces(init.listen, libp2p().getMultiaddrs()) : []) },
  )
  const hopeless = new HopelessPunches({ clock, network: () => ownNetworkOf(networkInterfaces()) })
  let made: Punching | undefined
  const punching = (): Punching => {
    made ??= new Punching(
      {
        libp2p: libp2p(),
        punch: libp2p().services.punch.dial,
        hopeless,
        webRtc: webRtcPackage,
        isDenied: (peer) => denyList.isDenied(peer),
        clock,
        log,
      },
      { signalling: SIGNALLING_PROTOCOL },
    )
    return made
  }
  const servers = (): readonly IceServer[] =>
    iceServers({
      connections: libp2p().getConnections(),
      stunOf: (peer) => peers.get(peer)?.card?.stun,
      named: init.iceServers,
    })
  return {
    webRtc: webRtcPackage.state === 'ready' ? { webRtc: webRtcPackage, iceServers: servers } : undefined,
    package: webRtcPackage,
    report: () => ({ webRtc: webRtcPackage.state, ...punching().counts }),
    servers,
    punching,
    stunPort: () => responder.places[0]?.port,
    part: {
      start: async () => {
        await responder.start()
        await punching().start()
      },
      stop: async () => {
        await punching().stop()
        await responder.stop()
      },
    },
  }
}
