/**
 * A node's side towards the swarm as the daemon composes it, on loopback, with no workers behind it: `serve` answers
 * what peers ask.
 */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { silentLogger } from '../../core/logger.ts'
import { type Clock, systemClock } from '../../core/run/clock.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import { startAll, stopAll } from '../../core/run/startable.ts'
import { createSwarm, type Swarm } from '../../node/compose/create-swarm.ts'
import { Membership } from '../../node/invite/membership.ts'
import { admits } from './admits.ts'
import { defaultConfig } from './default-config.ts'
import { FakeMemory } from './swarm-node.ts'

export interface SwarmSide extends Swarm {
  readonly id: string
  stop(): Promise<void>
}

export interface SwarmSideOptions {
  /** What it remembers. @default nothing */
  readonly memory?: FakeMemory
  /** What it goes by; libp2p has the system's. @default systemClock */
  readonly clock?: Clock
}

/** A started one, in the network `test`. Stop it. */
export async function swarmSide(
  serve: RunQuery,
  { memory = new FakeMemory(), clock = systemClock }: SwarmSideOptions = {},
): Promise<SwarmSide> {
  const privateKey = await generateKeyPair('Ed25519')
  const id = peerIdFromPrivateKey(privateKey).toString()
  const { node } = defaultConfig({ network: 'test', listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false })
  const membership = await Membership.of(
    await generateKeyPair('Ed25519'),
    { clock, label: () => node.federationLabel },
    { network: 'test', peerId: id },
  )
  const swarm = await createSwarm(
    {
      privateKey,
      membership,
      clock,
      log: silentLogger,
      memory,
      offer: {
        realms: () => [],
        models: () => [],
        loads: () => [],
        total: () => ({ slots: 0, running: 0, queued: 0 }),
      },
      draining: () => false,
      paused: () => false,
      settings: () => node,
      serve: () => admits(serve),
    },
    {
      peerId: id,
      version: '0.0.0',
      node,
      bootstrap: [],
      realms: ['$CHAT'],
      advertiseIntervalMs: 3_600_000,
      blocked: [],
    },
  )
  await startAll(swarm.parts)
  return { ...swarm, id, stop: () => stopAll(swarm.parts) }
}
