/**
 * What a person sees when the node is up: who it is, where programs and other nodes reach it, what it computes with,
 * what to do next. Pure.
 */
import { cleanText } from '../../core/clean-text.ts'
import type { WorkerStatus } from '../../core/model/worker.ts'
import type { NodeStatus } from '../../node/api/node-api.ts'
import { wrapText } from '../cli/wrap-text.ts'
import type { Daemon, ReadyInfo } from './daemon.ts'

/** Where the text of a line begins. */
const INDENT = 10

/** `width`: columns of the terminal; what is for copying is not broken. */
export function readyLines(
  { ready, programs, detects }: Pick<Daemon, 'ready' | 'programs' | 'detects'>,
  status: NodeStatus,
  width = Number.POSITIVE_INFINITY,
): readonly string[] {
  const wrapped = (text: string): readonly string[] => wrapText(text, width - INDENT)
  return [
    ...part('realmesh', [`${cleanText(status.name)}, ${ready.peerId}`]),
    ...part('network', [`${ready.network}, federation ${cleanText(status.federation.label)}`]),
    ...part(
      'programs',
      programs.map((url, i) => (i === 0 ? `${url}/v1 (OpenAI), ${url} (Anthropic, Ollama)` : `${url}/v1`)),
    ),
    ...part('engines', engines(status.workers, detects).flatMap(wrapped)),
    ...part('realms', wrapped(realms(status))),
    ...part('peers', wrapped(peers(ready, status))),
    ...part('alone', alone(status.waysIn).flatMap(wrapped)),
    ...part('next', wrapped(next(status))),
  ]
}

/** The first line is named, the others stand below it. */
function part(name: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, i) => `${(i === 0 ? name : '').padEnd(INDENT)}${line}`)
}

function engines(workers: NodeStatus['workers'], detects: boolean): readonly string[] {
  const real = workers.filter(isReal)
  if (real.length === 0 && !detects) return ['none, and none is looked for; --engine KIND=URL names one']
  if (real.length === 0) return ['none found here yet; they are looked for again while the node runs']
  return real.map((worker) =>
    worker.healthy ? place(worker) : `! ${place(worker)}: ${cleanText(worker.reason ?? 'down')}`,
  )
}

function isReal({ engine }: WorkerStatus): boolean {
  return !engine.startsWith('builtin/')
}

function place({ engine, url }: WorkerStatus): string {
  return `${engine}${url.startsWith('http') ? ` at ${url}` : ''}`
}

function realms({ realms: all, scope, share }: NodeStatus): string {
  return `${all.map((realm) => realm.name).join(' ')}; asks ${scope}, serves ${share}`
}

function peers({ p2p }: ReadyInfo, { peers: { connected, known } }: NodeStatus): string {
  const others = connected === 0 ? 'none yet' : `${connected} connected, ${known} known`
  if (p2p.length === 0) return `${others}; this node listens nowhere, so that no other can join through it`
  return `${others}; another machine joins by realmesh invite here and realmesh join LINE there`
}

/** Of a node that has no way in at all: what a person can do. */
function alone({ tried, next }: NodeStatus['waysIn']): readonly string[] {
  return tried.length === 0 ? next : []
}

/** Names no flag: the status does not tell whether addresses to join through were given. */
function next({ workers, realms: all }: NodeStatus): string {
  const reached = workers.some((worker) => isReal(worker) && worker.healthy) || all.some(({ peers }) => peers > 0)
  if (reached) return 'realmesh ask "Hello"'
  const broken = workers.some((worker) => isReal(worker))
  const first = broken
    ? 'realmesh engines says what is wrong'
    : 'start Ollama here, or on a node that this one can reach'
  const guided = workers.some((worker) => worker.healthy && worker.engine === 'builtin/guide')
  return guided ? `${first}; try: realmesh ask "What is realmesh?"` : first
}
