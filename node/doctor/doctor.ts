/** The doctor of a running node: examines the node and its machine, or one peer. */
import type { RealmeshConfig } from '../../config/config.ts'
import { type Diagnosis, diagnosisOf, type Finding } from '../../core/model/finding.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { Clock } from '../../core/run/clock.ts'
import { linkedAbort } from '../../core/run/linked-abort.ts'
import type { RunQuery } from '../../core/run/run-query.ts'
import type { HomeFolder } from '../../home/home-folder.ts'
import type { DoctorControl } from '../api/node-control.ts'
import { type Check, diagnose } from './codes/diagnose.ts'
import { found } from './codes/found.ts'
import { machineChecks } from './local-checks.ts'
import { type NodeReadings, nodeChecks } from './node-checks.ts'
import { namedPeer } from './peer/named-peer.ts'
import { judgePeer } from './peer/peer-facts.ts'
import { judgePeers, serversOf, testedPeer } from './peer/peers-check.ts'
import { knownPeer, type ReadPeerComponents, readPeer } from './peer/read-peer.ts'
import { askPeer, judgeAnswer } from './peer/test-query.ts'
import { type SwarmCheckComponents, swarmChecks } from './swarm-checks.ts'

export interface DoctorComponents extends ReadPeerComponents {
  readonly home: HomeFolder
  readonly clock: Clock
  readonly config: () => RealmeshConfig
  readonly node: NodeReadings
  /** Peers that this node joins through. */
  readonly waysIn: SwarmCheckComponents['waysIn']
  /** Runs queries on a peer. */
  readonly ask: (peer: string) => RunQuery
}

export class Doctor implements DoctorControl {
  readonly #components: DoctorComponents

  constructor(components: DoctorComponents) {
    this.#components = components
  }

  async examine(): Promise<Diagnosis> {
    const { clock } = this.#components
    const checks: readonly Check[] = [
      ...machineChecks(this.#components, { running: true }),
      ...nodeChecks(this.#components.node),
      ...swarmChecks(this.#components),
      { name: 'peers', run: async () => judgePeers(await this.#connected()) },
      { name: 'query', run: (signal) => this.#testQuery(signal) },
    ]
    return await diagnose(checks, { clock, signal: linkedAbort().signal })
  }

  async about(peer: string, model?: string): Promise<Diagnosis> {
    const { clock, readings } = this.#components
    const id = namedPeer(peer, this.#components)
    if (id === undefined) return diagnosisOf([found('peer.unknown', `no peer has the name or id ${peer}`)])
    if (id === readings.peerId) return diagnosisOf([found('peer.self', `${peer} is this node itself`)])
    const check: Check = { name: 'peer', run: (signal) => this.#examinePeer(id, model, signal) }
    return await diagnose([check], { clock, signal: linkedAbort().signal })
  }

  async #examinePeer(id: string, model: string | undefined, signal: CancelSignal): Promise<readonly Finding[]> {
    const { clock, ask, peers } = this.#components
    const read = await readPeer(id, this.#components, signal)
    const facts = model === undefined ? read : { ...read, model }
    const findings = judgePeer(facts)
    const tested = testedPeer(facts, peers.get(id)?.card, model)
    if (tested === undefined || findings.some(({ state }) => state === 'fail')) return findings
    const answer = judgeAnswer(tested, await askPeer(tested, { run: ask(id), clock, signal }), false)
    return [...findings.filter(({ state }) => state !== 'ok' || answer.state === 'ok'), answer]
  }

  /** Nodes of this network that are connected. */
  async #connected(): Promise<readonly Parameters<typeof judgePeer>[0][]> {
    const entries = [...this.#components.peers.entries()].filter(({ connected }) => connected)
    return entries.map(({ id }) => ({ ...knownPeer(id, this.#components), dials: [], protocols: [] }))
  }

  async #testQuery(signal: CancelSignal): Promise<readonly Finding[]> {
    const { clock, ask, peers } = this.#components
    for (const facts of serversOf(await this.#connected())) {
      const tested = testedPeer(facts, peers.get(facts.id)?.card)
      if (tested === undefined) continue
      return [judgeAnswer(tested, await askPeer(tested, { run: ask(tested.id), clock, signal }), true)]
    }
    return [found('query.none', 'no connected peer serves chats to this node')]
  }
}
