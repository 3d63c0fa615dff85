/** What a bootstrap node says when it is up: what others write down, and what is left to do. Pure. */
import type { NodeStatus } from '../../../node/api/node-api.ts'
import { forOthers, publicOnes } from '../../../node/operate/address-order.ts'
import { wrapText } from '../../cli/wrap-text.ts'
import type { ReadyInfo } from '../../daemon/daemon.ts'

/** Where the text of a line begins. */
const INDENT = 10

/** Fewer columns than this are no terminal. */
const NARROWEST = 40

export interface BootstrapList {
  /** What others put into their `bootstrap.json`: public addresses where there are any. */
  readonly list: { readonly networks: Readonly<Record<string, readonly string[]>> }
  /** Whether any of them is on the public internet by its number. */
  readonly public: boolean
}

export function bootstrapList({ network, p2p }: Pick<ReadyInfo, 'network' | 'p2p'>): BootstrapList {
  const open = publicOnes(p2p)
  const addresses = open.length > 0 ? open : forOthers(p2p)
  return { list: { networks: { [network]: addresses } }, public: open.length > 0 }
}

/** `width`: columns of the terminal; what is for copying is not broken. */
export function bootstrapLines(
  ready: ReadyInfo,
  { peers }: Pick<NodeStatus, 'peers'>,
  width = Number.POSITIVE_INFINITY,
): readonly string[] {
  const { list, public: isOpen } = bootstrapList(ready)
  const addresses = Object.values(list.networks).flat()
  const told = (name: string, text: string): readonly string[] =>
    wrapText(text, Math.max(NARROWEST, width) - INDENT).map(
      (line, i) => `${(i === 0 ? name : '').padEnd(INDENT)}${line}`,
    )
  return [
    `bootstrap ${ready.peerId}`,
    `network   ${ready.network}; ${peers.connected} connected`,
    `state     ${ready.http}/swarm, /metrics, /api/status`,
    'others    put this into their bootstrap.json, or give --bootstrap each of its addresses:',
    '',
    JSON.stringify(list),
    '',
    ...(addresses.length === 0 ? told('!', 'it listens nowhere: give --listen an address of this machine') : []),
    ...(isOpen || addresses.length === 0
      ? []
      : told(
          '!',
          'all its addresses are private: only nodes of the same local network reach it. Run it on a machine with a ' +
            'public address, or forward the port and replace the number by the public one of the router',
        )),
    ...told(
      'next',
      `open TCP ${portsOf(addresses)} in the firewall; back up identity.key, for its id is in the addresses`,
    ),
  ]
}

function portsOf(addresses: readonly string[]): string {
  const ports = new Set(addresses.flatMap((address) => /\/tcp\/(\d+)/.exec(address)?.[1] ?? []))
  return [...ports].join(' and ') || 'its port'
}
