/**
 * Where other nodes reach this one when the configuration does not say: the usual port, or the next one that no other
 * program has.
 */
import type { LoadedConfig } from '../../config/file/load-config.ts'
import { bindCode } from '../../node/compose/libp2p/libp2p-part.ts'

/** Ports that are tried, from the usual one on: as many nodes as a person runs on one machine by hand. */
const PORTS_TRIED = 16

/**
 * Puts the peers' address that was found once into every reading of the configuration, so that a reload sees no change.
 */
export interface PeerPort {
  of(loaded: LoadedConfig): LoadedConfig
  /** What the owner should know, where it is another port than the usual one. */
  readonly warning: string | undefined
}

/** What says why an address cannot be listened on; undefined where it can. For tests. */
export type BindCode = (address: string) => Promise<string | undefined>

/**
 * Leaves alone what a file, a flag or a variable names: who forwards a port means that one. Where all ports are taken
 * the usual one stays, and the start says so.
 */
export async function choosePeerPort(loaded: LoadedConfig, busy: BindCode = bindCode): Promise<PeerPort> {
  const usual = loaded.config.node.listen
  const [address] = usual
  const none: PeerPort = { of: (fresh) => fresh, warning: undefined }
  if (isNamed(loaded) || address === undefined || (await busy(address)) !== 'EADDRINUSE') return none
  const port = Number(/\d+$/.exec(address)?.[0])
  for (let next = port + 1; next < port + PORTS_TRIED; next += 1) {
    const free = address.replace(/\d+$/, String(next))
    if ((await busy(free)) !== undefined) continue
    return {
      of: (fresh) => (isNamed(fresh) ? fresh : listeningOn(fresh, [free])),
      warning:
        `another program, perhaps a second node, listens on TCP ${port}: other nodes reach this one on ${next}; ` +
        `--listen ${free} keeps that port`,
    }
  }
  return none
}

/** Whether anybody said where to listen. */
function isNamed({ origins }: LoadedConfig): boolean {
  return (origins.get('node.listen')?.source ?? 'default') !== 'default'
}

function listeningOn(loaded: LoadedConfig, listen: readonly string[]): LoadedConfig {
  return { ...loaded, config: { ...loaded.config, node: { ...loaded.config.node, listen } } }
}
