/**
 * What every room of a node is given: its keys, its clock and log, its home, and the configuration as it is in force.
 */

import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { RealmeshConfig } from '../../config/config.ts'
import type { Logger } from '../../core/logger.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import type { EngineSpec } from '../../engines/engine-kinds.ts'
import { loadFederationKey } from '../../home/federation-key.ts'
import type { HomeFolder } from '../../home/home-folder.ts'
import { loadIdentity } from '../../home/key-file.ts'
import { ed25519Signer, type Signer } from '../receipt/ed25519-signer.ts'
import type { DetectEngines } from '../roster/engine-finder.ts'

export interface NodeBasics {
  readonly home: HomeFolder
  readonly log: Logger
  readonly tell: TellOwner
  readonly clock: Clock
  /** Of the daemon, for cards and status. */
  readonly version: string
  /** Read anew at each use: a reload replaces it as a whole. What is read once is in force until a restart. */
  readonly config: () => RealmeshConfig
  readonly keys: NodeKeys
  readonly engines: EngineSource
}

/** Tells the owner at once what they may want to act on: on the terminal where there is one, else in the log. */
export type TellOwner = (line: string, fields: object) => void

/** Where engines come from. */
export interface EngineSource {
  /** Finds those of this machine. @default the real detection */
  readonly detect?: DetectEngines
  /** Makes the adapter of one. @default the real adapters */
  readonly create?: (spec: EngineSpec) => Engine
}

/** By what others know this node, and its owner. */
export interface NodeKeys {
  readonly privateKey: Ed25519PrivateKey
  readonly federationKey: Ed25519PrivateKey
  readonly peerId: string
  /** Signs with the private key. */
  readonly signer: Signer
}

/** Reads the keys; both are made when there are none. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`. */
export async function loadNodeKeys(home: HomeFolder, federationKeyFile: string | undefined): Promise<NodeKeys> {
  const [privateKey, federationKey] = await Promise.all([
    loadIdentity(home),
    loadFederationKey(home, federationKeyFile),
  ])
  const peerId = peerIdFromPrivateKey(privateKey).toString()
  return { privateKey, federationKey, peerId, signer: ed25519Signer(privateKey) }
}
