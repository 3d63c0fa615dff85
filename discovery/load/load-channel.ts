/**
 * The load gossip of a running node, wired: signed records on one side; peer table, cards, dialler and deny list on the
 * other.
 */
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { defined } from '../../core/defined.ts'
import type { NodeLoad } from '../../core/model/load.ts'
import { type BucketRule, fullBucket, takeToken } from '../../core/run/token-bucket.ts'
import { loadTopic, MAX_LOAD_RECORD_BYTES, openLoad, peekLoad, sealLoad } from '../../protocols/load/load-record.ts'
import type { PeerDialer } from '../contact/peer-dialer.ts'
import { type ShutOutComponents, shutOut } from '../guard/deny-list.ts'
import type { PeerCards } from '../peers/peer-cards.ts'
import { doubtsCard } from '../peers/peer-entry.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import type { ClockSkews } from './clock-skews.ts'
import { LoadGossip, type LoadGossipComponents } from './load-gossip.ts'
import { LoadValidator } from './load-validator.ts'

/**
 * Speakers in the swarm that are not known yet and are dialled by their id alone: each may cost a walk through the DHT.
 */
const UNKNOWN_SPEAKERS: BucketRule = { perSecond: 1, burst: 8 }

export interface LoadChannelComponents
  extends ShutOutComponents,
    Pick<LoadGossipComponents, 'pubsub' | 'say' | 'background' | 'clock' | 'log' | 'ownLoad'> {
  readonly libp2p: ShutOutComponents['libp2p'] & { readonly peerId: PeerId }
  readonly privateKey: PrivateKey
  readonly table: Pick<PeerTable, 'get' | 'setLoad'>
  readonly cards: Pick<PeerCards, 'refresh'>
  readonly dialer: Pick<PeerDialer, 'suggest'>
  readonly clocks: Pick<ClockSkews, 'note'>
}

export interface LoadChannelInit {
  readonly network: string
  /** Numbers from 0 to 1 for the spread of intervals. @default Math.random */
  readonly rng?: () => number
}

/** Takes in what a peer truly said: into the table, and as a reason to fetch a card or to dial. */
function hearing({ table, cards, dialer, clock }: LoadChannelComponents): LoadGossipComponents['onLoad'] {
  const unknown = fullBucket(UNKNOWN_SPEAKERS, clock.monotonic())
  return (peer, load, receivedAtMs) => {
    const entry = table.get(peer)
    if (entry !== undefined) {
      if (entry.connected && doubtsCard(entry.card, entry.load, load)) cards.refresh(peer)
      table.setLoad(peer, load, receivedAtMs)
      // A peer that speaks in the swarm and is not known yet is worth a connection while more are wanted.
    } else if (takeToken(unknown, UNKNOWN_SPEAKERS, receivedAtMs)) dialer.suggest({ id: peer, addresses: [] })
  }
}

export function loadChannel(components: LoadChannelComponents, init: LoadChannelInit): LoadGossip {
  const { libp2p, pubsub, say, privateKey, denyList, clocks, clock, log, ownLoad, background } = components
  const { network, rng = Math.random } = init
  const validator = new LoadValidator(
    {
      onClock: (peer, skewMs) => clocks.note(peer, skewMs),
      isDenied: (peer) => denyList.isDenied(peer),
      peek: (bytes) => peekLoad(bytes, { network }),
      open: (bytes) => openLoad(bytes, { network }),
    },
    { self: libp2p.peerId.toString(), maxBytes: MAX_LOAD_RECORD_BYTES },
  )
  const seal = (load: NodeLoad): Promise<Uint8Array> => sealLoad(load, privateKey, { network })
  const onLoad = hearing(components)
  const onFlood = (peer: string, reason: string): void => shutOut(components, peer, `flood of load records: ${reason}`)
  return new LoadGossip(
    { pubsub, say, validator, clock, log, ownLoad, seal, onLoad, onFlood, ...defined({ background }) },
    { topic: loadTopic(network), rng },
  )
}
