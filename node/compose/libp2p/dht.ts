/** The DHT of providers: which peers say that they serve a realm or a model. It keeps no values. */
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { PING_TIMEOUT_MS } from './ping-timeout.ts'

const MINUTE_MS = 60_000

const HOUR_MS = 60 * MINUTE_MS

/**
 * How long a provider record is served: three times as long as it takes to be written anew, each time a walk that costs
 * some forty nodes a message. A record of a host that died meanwhile costs a search one dial in vain.
 */
export const PROVIDER_VALIDITY_MS = 6 * HOUR_MS

/** Below what is left when the advertiser writes anew: libp2p would write it a second time. */
const REPROVIDE_BELOW_MS = HOUR_MS

/** How often a node looks for its nearest neighbours: those that come nearer look for it themselves when they join. */
const SELF_WALK_MS = HOUR_MS

async function refuseValue(): Promise<void> {
  throw new RealmeshError('PROTOCOL_ERROR', 'this network keeps no values in its DHT')
}

/** The service of one network. */
export function dht(network: string) {
  return kadDHT({
    protocol: `/realmesh/${network}/kad/1.0.0`,
    clientMode: false,
    // Keys of peers, the only values that libp2p's DHT takes: ours are in their ids, and each would be kept.
    validators: { pk: refuseValue },
    peerInfoMapper: passthroughMapper,
    // Kademlia's own: the default asks all of the twenty nearest peers at once, also where the first has the
    // answer.
    alpha: 3,
    initialQuerySelfInterval: 100,
    querySelfInterval: SELF_WALK_MS,
    allowQueryWithZeroPeers: false,
    // As patient as with the connection itself: a peer whose first ping is lost does not enter the routing table.
    pingNewContactTimeout: { minTimeout: PING_TIMEOUT_MS },
    pingOldContactTimeout: { minTimeout: PING_TIMEOUT_MS },
    onPeerConnectTimeout: PING_TIMEOUT_MS,
    reprovide: {
      validity: PROVIDER_VALIDITY_MS,
      threshold: REPROVIDE_BELOW_MS,
      interval: 10 * MINUTE_MS,
      concurrency: 10,
    },
  })
}
