/** What `realmesh engines` tells a person: what is used, what is not and why, and where nothing is. Pure. */

import { cleanText } from '../../core/clean-text.ts'
import type { WorkerStatus } from '../../core/model/worker.ts'
import { type Detection, serverAddress } from '../../node/tools/this-machine.ts'
import { textTable } from '../cli/text-table.ts'
import { packageFile } from '../cli/version.ts'
import { wrapLine } from '../cli/wrap-text.ts'

/** What is used of a worker's status. */
export type RunningWorker = Pick<WorkerStatus, 'engine' | 'url' | 'healthy' | 'reason'>

/** `workers` are those of the node that runs with this home; undefined when none runs. `width`: of the terminal. */
export function engineReport(
  { found, refused }: Detection,
  workers: readonly RunningWorker[] | undefined,
  width = Number.POSITIVE_INFINITY,
): string {
  const used = textTable(
    ['ENGINE', 'URL', 'VERSION', 'KNOWN BY'],
    found.map((engine) => [engine.kind, engine.url, engine.version ?? '-', engine.fingerprint]),
    { width, spare: ['VERSION'] },
  )
  const others = othersOf(workers ?? [], found)
  const running = textTable(
    ['THE NODE USES', 'URL', ''],
    others.map(({ engine, url, healthy, reason }) => [engine, url, reason ?? (healthy ? '' : 'down')]),
    { width },
  )
  const known = new Set(others.map(({ url }) => serverAddress(url)))
  const left = refused.filter(({ url, closed }) => !closed && !known.has(serverAddress(url)))
  const unused = textTable(
    ['NOT USED', 'WHY'],
    left.map(({ url, reason }) => [url, reason]),
    { width },
  )
  const none =
    found.length + others.length === 0
      ? `${wrapLine(`no engine found; ${packageFile('engines/README.md')} says how to run one, --engine KIND=URL names one elsewhere`, width, 2)}\n`
      : ''
  return [none, used, running, unused, silence(refused, width)].filter((part) => part !== '').join('\n')
}

/**
 * Engines of the node that the look did not find itself (at addresses of its flags, in files, in the cloud), or that it
 * does not use.
 */
function othersOf(workers: readonly RunningWorker[], found: Detection['found']): readonly RunningWorker[] {
  const seen = new Set(found.map(({ url }) => serverAddress(url)))
  return workers.filter(
    ({ engine, url, healthy }) => !engine.startsWith('builtin/') && !(healthy && seen.has(serverAddress(url))),
  )
}

/** Closed ports are the usual case: one line for all of them. */
function silence(refused: Detection['refused'], width: number): string {
  const closed = refused.filter((candidate) => candidate.closed)
  const [first, ...rest] = closed.map(({ url }) => cleanText(url.replace(/^http:\/\//, '')))
  if (first === undefined) return ''
  const places = [first, ...rest.map((place) => place.replace(/^127\.0\.0\.1(?=:)/, ''))]
  return `${wrapLine(`nothing listens at ${places.join(' ')}`, width, 2)}\n`
}
