/** What a topology must keep to beside its schema: names that exist, faults of one kind. Pure. */
import { defined } from '../../../core/defined.ts'
import { didYouMean } from '../../../core/nearest.ts'
import { listed, type Topology, type TopologyFault } from './topology-schema.ts'

export const FAULT_KINDS = ['kill', 'stop', 'partition', 'slow', 'lie', 'link'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** Stands for every link in a fault of kind `link`. */
export const ALL_LINKS = 'all'

/** What is wrong, where, and what to do about it. */
export interface RuleBreach {
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly hint?: string
}

/** The kind of a fault that keeps to the rules. */
export function faultKind(fault: TopologyFault): FaultKind {
  return FAULT_KINDS.find((kind) => fault[kind] !== undefined) ?? 'kill'
}

/** The nodes, or links, that a fault names. */
export function faultTargets(fault: TopologyFault): readonly string[] {
  const kind = faultKind(fault)
  return kind === 'partition' ? (fault.partition ?? []).flatMap(listed) : listed(fault[kind])
}

/** Whether it can only be played where network namespaces can be made. */
export function needsNamespaces({ network, homes, nodes, faults }: Topology): boolean {
  const used = nodes.some(({ home }) => home !== undefined && homes[home] !== undefined)
  return network !== undefined || used || faults.some((fault) => ['partition', 'link'].includes(faultKind(fault)))
}

/** Everything that is wrong. */
export function ruleBreaches(topology: Topology): readonly RuleBreach[] {
  return [...nodeBreaches(topology), ...queryBreaches(topology), ...topology.faults.flatMap(faultBreaches(topology))]
}

function nodeBreaches({ nodes, homes }: Topology): RuleBreach[] {
  const names = nodes.map(({ name }) => name)
  return nodes.flatMap(({ name, home }, index) => [
    ...(names.indexOf(name) === index ? [] : [twice(['nodes', index, 'name'], name)]),
    ...(home === undefined || homes[home] !== undefined
      ? []
      : [unknown(['nodes', index, 'home'], home, 'home', Object.keys(homes))]),
    ...(homes[name] === undefined ? [] : [twice(['homes', name], name)]),
  ])
}

function queryBreaches({ queries, nodes }: Topology): RuleBreach[] {
  if (queries === undefined) return []
  const known = nodes.map(({ name }) => name)
  const models = [...new Set(nodes.flatMap(({ engine }) => (engine === undefined ? [] : [engine.model])))]
  return [
    ...listed(queries.from).flatMap((name) =>
      known.includes(name) ? [] : [unknown(['queries', 'from'], name, 'node', known)],
    ),
    ...(models.includes(queries.model)
      ? []
      : [unknown(['queries', 'model'], queries.model, 'engine with the model', models)]),
  ]
}

function faultBreaches(topology: Topology): (fault: TopologyFault, index: number) => RuleBreach[] {
  return (fault, index) => {
    const path = ['faults', index]
    const kinds = FAULT_KINDS.filter((kind) => fault[kind] !== undefined)
    if (kinds.length !== 1) {
      const message = kinds.length === 0 ? 'says not what goes wrong' : `is ${kinds.join(' and ')} in one`
      return [{ path, message, hint: `name exactly one of ${FAULT_KINDS.join(', ')}` }]
    }
    const [kind] = kinds
    return kind === undefined ? [] : targetBreaches(topology, fault, kind, [...path, kind])
  }
}

function targetBreaches(
  { nodes, homes }: Topology,
  fault: TopologyFault,
  kind: FaultKind,
  path: readonly (string | number)[],
): RuleBreach[] {
  const targets = faultTargets(fault)
  const of: Readonly<Record<FaultKind, readonly string[]>> = {
    kill: nodes.map(({ name }) => name),
    stop: nodes.map(({ name }) => name),
    // Whole homes: what is behind one router is not parted.
    partition: linkNames({ nodes, homes }),
    slow: nodes.filter(({ engine }) => engine !== undefined).map(({ name }) => name),
    lie: nodes.filter(({ engine }) => engine !== undefined).map(({ name }) => name),
    link: [...linkNames({ nodes, homes }), ALL_LINKS],
  }
  const nouns: Readonly<Record<FaultKind, string>> = {
    kill: 'node',
    stop: 'node',
    partition: 'home, or node without one,',
    slow: 'node with an engine',
    lie: 'node with an engine',
    link: 'home, or node without one,',
  }
  return targets.flatMap((name, i) => {
    if (targets.indexOf(name) !== i) return [twice(path, name)]
    return of[kind].includes(name) ? [] : [unknown(path, name, nouns[kind], of[kind])]
  })
}

/** What has a link of its own to the wide network: homes, and nodes that have none. */
export function linkNames({ nodes, homes }: Pick<Topology, 'nodes' | 'homes'>): readonly string[] {
  const open = nodes.filter(({ home }) => home === undefined).map(({ name }) => name)
  return [...Object.keys(homes).filter((name) => nodes.some(({ home }) => home === name)), ...open]
}

function twice(path: readonly (string | number)[], name: string): RuleBreach {
  return { path, message: `${name} stands here twice`, hint: 'give each node and home a name of its own' }
}

function unknown(path: readonly (string | number)[], name: string, noun: string, known: readonly string[]): RuleBreach {
  const hint = didYouMean(name, known) ?? (known.length === 0 ? undefined : `there are ${known.slice(0, 8).join(', ')}`)
  return { path, message: `there is no ${noun} ${name}`, ...defined({ hint }) }
}
