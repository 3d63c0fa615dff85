/** Realms, workers and engines as their operator's commands print them. Pure. */
import type { WorkerStatus } from '../../../core/model/worker.ts'
import type { ConfigValue, EnginesSeen } from '../../../node/api/config-control.ts'
import type { Invocation } from '../../cli/command.ts'
import type { Result } from '../../cli/print.ts'
import { textTable } from '../../cli/text-table.ts'

type Realms = Readonly<
  Record<
    string,
    {
      readonly primary_query_type: string
      readonly min_workers: number
      readonly max_workers: number
      readonly pools: object
    }
  >
>

export function realmsResult({ value }: ConfigValue, { context }: Invocation): Result {
  const realms = value as Realms
  const rows = Object.entries(realms).map(([name, realm]) => [
    name,
    realm.primary_query_type,
    `${realm.min_workers}-${realm.max_workers}`,
    Object.keys(realm.pools).join(' ') || '-',
  ])
  return { json: realms, text: textTable(['REALM', 'FOR', 'WORKERS', 'POOLS'], rows, { width: context.columns }) }
}

export function workersResult(
  { workers }: { readonly workers: readonly WorkerStatus[] },
  { context }: Invocation,
): Result {
  const rows = workers.map((worker) => [
    worker.name,
    worker.engine,
    worker.url,
    `${worker.running}/${worker.slots}`,
    worker.healthy ? String(Math.round(worker.health)) : 'no',
    worker.reason ?? worker.models.join(' '),
  ])
  const heads = ['WORKER', 'ENGINE', 'ADDRESS', 'RUNNING', 'HEALTH', 'MODELS'] as const
  return {
    json: workers,
    text: textTable(heads, rows, { width: context.columns, spare: ['ADDRESS'] }) || 'no workers\n',
  }
}

export function enginesResult(seen: EnginesSeen, { context }: Invocation): Result {
  const rows = [
    ...seen.found.map(({ kind, url, version }) => [kind, url, version === undefined ? 'found' : `found, ${version}`]),
    ...seen.refused.map(({ url, reason }) => ['-', url, reason]),
  ]
  return { json: seen, text: textTable(['ENGINE', 'ADDRESS', 'IS'], rows, { width: context.columns }) || 'none\n' }
}
