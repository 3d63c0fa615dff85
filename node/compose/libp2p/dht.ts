/** The DHT of providers: which peers say that they serve a realm or a model. It keeps no values. */
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { PING_TIMEOUT_MS } from './ping-timeout.ts'

const MINUTE_MS = 60_000

/** How long a provider record is served. Short, because one record of a dead host can hide all others of its key. */
const PROVIDER_VALIDITY_MS = 45 * MINUTE_MS

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
    allowQueryWithZeroPeers: false,
    // As patient as with the connection itself: a peer whose first ping is lost does not enter the routing table.
    pingNewContactTimeout: { minTimeout: PING_TIMEOUT_MS },
    pingOldContactTimeout: { minTimeout: PING_TIMEOUT_MS },
    onPeerConnectTimeout: PING_TIMEOUT_MS,
    reprovide: {
      validity: PROVIDER_VALIDITY_MS,
      threshold: PROVIDER_VALIDITY_MS / 2,
      interval: 5 * MINUTE_MS,
      concurrency: 10,
    },
  })
}
