/**
 * A peer in this process that keeps to no rule: a member of the federation with a sound card and load records of an
 * idle rig, and whose answers to queries are whatever the test says. A daemon cannot be made to behave so badly.
 */
import { multiaddr } from '@multiformats/multiaddr'
import { loadFederationKey } from '../../home/federation-key.ts'
import { homeFolder } from '../../home/home-folder.ts'
import type { Daemon } from './daemon.ts'
import { type RawLane, serveRaw } from './libp2p-raw-lane.ts'
import { type SwarmNode, swarmNode } from './swarm-node.ts'

/** The network of `serveRaw` and `swarmNode`: daemons must be started in it. */
export const LIARS_NETWORK = 'test'

export interface LyingRig extends SwarmNode {
  /** Queries that reached it. */
  readonly asked: () => number
}

/** Joins the federation of `boot`, offers `tiny`, and leaves every query to `misbehave`. Stop it. */
export async function lyingRig(boot: Daemon, misbehave: (lane: RawLane) => void | Promise<void>): Promise<LyingRig> {
  const node = await swarmNode({
    federationKey: await loadFederationKey(homeFolder(boot.home), undefined),
    models: ['tiny'],
    bootstrap: boot.addresses.map((address) => multiaddr(address)),
  })
  let asked = 0
  await serveRaw(node.libp2p, (lane) => {
    void answerBadly(lane, misbehave, () => {
      asked += 1
    }).catch(() => {}) // the asker closed the lane, as it should
  })
  return { ...node, asked: () => asked }
}

async function answerBadly(
  lane: RawLane,
  misbehave: (lane: RawLane) => void | Promise<void>,
  noteAsked: () => void,
): Promise<void> {
  for (;;) {
    await lane.nextAsk()
    noteAsked()
    await misbehave(lane)
  }
}
