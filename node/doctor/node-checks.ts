/** What the doctor looks at in a running node itself: its engines, its configuration, whom it serves, what it keeps. */
import type { Finding } from '../../core/model/finding.ts'
import { toRealmeshError } from '../../core/realmesh-error.ts'
import type { ConfigChanges, EnginesSeen } from '../api/config-control.ts'
import type { Check } from './codes/diagnose.ts'
import { found } from './codes/found.ts'
import { foundOfError } from './codes/of-error.ts'
import { type ExaminedWorker, judgeEngines } from './machine/engines.ts'
import { judgeGpus, judgeStorage } from './machine/small-checks.ts'
import { judgeServing, type ServingFacts } from './swarm/own-state.ts'

export interface NodeReadings {
  readonly workers: () => readonly ExaminedWorker[]
  /** What the last look for engines saw. */
  readonly seen: () => EnginesSeen
  readonly gpus: () => Promise<readonly { readonly name: string }[]>
  /** What the file would change; rejects with what is wrong with it. Absent: the node has no file. */
  readonly configChanges?: () => Promise<ConfigChanges>
  /** Where peers reach this node, and where the configuration says so: another where that port was taken. */
  readonly listen: () => { readonly inForce: readonly string[]; readonly written: readonly string[] }
  readonly serving: () => Omit<ServingFacts, 'hasEngines'>
  /** What is wrong with the user data, one line each. */
  readonly storageWarnings: () => readonly string[]
}

export function nodeChecks(node: NodeReadings): readonly Check[] {
  const engines = (): number => node.workers().filter(({ engine }) => !engine.startsWith('builtin/')).length
  return [
    { name: 'config', run: async () => await judgedChanges(node.configChanges) },
    { name: 'ports', run: async () => [judgeListening(node.listen())] },
    {
      name: 'engines',
      run: async () => {
        const { found: seen, refused } = node.seen()
        const places = refused.map((place) => ({ listening: false, ...place }))
        return judgeEngines({ workers: node.workers(), found: seen, refused: places })
      },
    },
    { name: 'gpu', run: async () => [judgeGpus(await node.gpus(), engines())] },
    { name: 'serving', run: async () => judgeServing({ ...node.serving(), hasEngines: engines() > 0 }) },
    { name: 'storage', run: async () => judgeStorage(node.storageWarnings()) },
  ]
}

async function judgedChanges(changes: NodeReadings['configChanges']): Promise<readonly Finding[]> {
  if (changes === undefined) return [found('config.ok', 'this node was started without a file')]
  try {
    const { path, applied, restart } = await changes()
    const facts = { path, applied, restart }
    const findings: Finding[] = []
    if (applied.length > 0) {
      findings.push(found('config.differs', `${path} changed since it was read: ${some(applied)}`, { facts }))
    }
    if (restart.length > 0) {
      findings.push(found('config.waits', `${path}: ${some(restart)} is in force after a restart only`, { facts }))
    }
    return findings.length > 0 ? findings : [found('config.ok', `${path} is in force`, { facts })]
  } catch (thrown) {
    return [foundOfError(toRealmeshError(thrown))]
  }
}

function some(paths: readonly string[]): string {
  const more = paths.length - 3
  return `${paths.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function judgeListening({ inForce, written }: ReturnType<NodeReadings['listen']>): Finding {
  const facts = { inForce, written }
  if (inForce.join() === written.join()) return found('ports.ok', `listens on ${some(inForce)}`, { facts })
  return found('ports.moved', `other nodes reach this one on ${some(inForce)}; ${some(written)} was taken`, { facts })
}
