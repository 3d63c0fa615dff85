/** Whether each bootstrap peer is reached. */
import type { Finding } from '../../../core/model/finding.ts'
import { PATH_RANK } from '../../../core/net/path.ts'
import type { CancelSignal } from '../../../core/run/cancel-signal.ts'
import { found } from '../codes/found.ts'
import type { DialResult, SeenConnection, SwarmReadings } from './swarm-readings.ts'

/** Bootstrap peers that one look dials: a list of more is a list of spares. */
const MAX_DIALLED_BOOTSTRAPS = 16

export interface BootstrapFacts {
  readonly peer: string
  readonly addresses: readonly string[]
  readonly connection?: SeenConnection
  readonly dials: readonly DialResult[]
  /** What it speaks, as far as it said. */
  readonly protocols: readonly string[]
  readonly network: string
}

/** Those that are not connected are dialled. */
export async function readBootstraps(
  all: readonly { readonly peer: string; readonly addresses: readonly string[] }[],
  readings: Pick<SwarmReadings, 'network' | 'connections' | 'told' | 'dial' | 'peerId'>,
  signal: CancelSignal,
): Promise<readonly BootstrapFacts[]> {
  const others = all.filter(({ peer }) => peer !== readings.peerId).slice(0, MAX_DIALLED_BOOTSTRAPS)
  return await Promise.all(
    others.map(async ({ peer, addresses }) => {
      const before = connectionWith(peer, readings)
      const dial = (address: string): Promise<DialResult> => readings.dial(peer, address, { told: true, signal })
      const dials = before === undefined ? await Promise.all(addresses.map(dial)) : []
      const connection = connectionWith(peer, readings)
      const { protocols } = await readings.told(peer)
      return { peer, addresses, dials, protocols, network: readings.network, ...(connection && { connection }) }
    }),
  )
}

/** The one with the best path where there are several. */
export function connectionWith(
  peer: string,
  { connections }: Pick<SwarmReadings, 'connections'>,
): SeenConnection | undefined {
  const all = connections().filter((connection) => connection.peer === peer)
  return all.toSorted((one, other) => PATH_RANK[one.path.kind] - PATH_RANK[other.path.kind])[0]
}

/** `unresolved`: why names of some are not resolved. Pure. */
export function judgeBootstraps(
  all: readonly BootstrapFacts[],
  unresolved: readonly string[] = [],
): readonly Finding[] {
  if (all.length + unresolved.length === 0) return [found('bootstrap.none', 'no bootstrap peer is named')]
  return [...unresolved.map((cause) => found('bootstrap.unresolved', cause)), ...all.map(judgeBootstrap)]
}

function judgeBootstrap({ peer, addresses, connection, dials, protocols, network }: BootstrapFacts): Finding {
  const name = `bootstrap peer …${peer.slice(-8)}`
  const facts = { peer, addresses, dials, ...(connection?.rttMs !== undefined && { rttMs: connection.rttMs }) }
  if (connection === undefined) {
    const why = dials.find(({ problem }) => problem !== undefined)?.problem ?? 'no connection'
    return found('bootstrap.unreached', `${name} is not reached: ${why}`, { facts })
  }
  const networks = networksOf(protocols)
  if (networks.includes(network) || protocols.length === 0) {
    const rtt = connection.rttMs === undefined ? '' : `, ${connection.rttMs.toFixed(0)} ms away`
    return found('bootstrap.ok', `${name} is connected${rtt}`, { facts })
  }
  const [other] = networks
  if (other === undefined) return found('bootstrap.no-realmesh', `${name} speaks no protocol of realmesh`, { facts })
  return found('bootstrap.other-network', `${name} is of the network ${other}, this node of ${network}`, { facts })
}

/** The networks whose card protocol a node speaks, in whichever version. Pure. */
export function networksOf(protocols: readonly string[]): readonly string[] {
  const named = protocols.flatMap((protocol) => /^\/realmesh\/([^/]+)\/card\//.exec(protocol)?.[1] ?? [])
  return [...new Set(named)]
}
