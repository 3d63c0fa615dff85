/** Whether engines are there, answer and have models. Pure. */
import { cleanText } from '../../../core/clean-text.ts'
import type { Finding } from '../../../core/model/finding.ts'
import type { WorkerStatus } from '../../../core/model/worker.ts'
import { found } from '../codes/found.ts'

/** What is used of a worker's status. */
export type ExaminedWorker = Pick<WorkerStatus, 'name' | 'engine' | 'url' | 'healthy' | 'reason' | 'models'>

/** A place where an engine could be. */
export interface SeenPlace {
  readonly url: string
  /** Whether something answered there at all. */
  readonly listening: boolean
  readonly reason: string
}

export interface EngineFacts {
  /** Of the running node. Absent: none runs. */
  readonly workers?: readonly ExaminedWorker[]
  readonly found: readonly { readonly kind: string; readonly url: string }[]
  readonly refused: readonly SeenPlace[]
}

export function judgeEngines({ workers, found: seen, refused }: EngineFacts): readonly Finding[] {
  const real = workers?.filter(({ engine }) => !engine.startsWith('builtin/'))
  if (real === undefined) {
    if (seen.length === 0) return [noneFound(), ...unused(refused)]
    return [
      found('engines.ok', `found: ${seen.map(({ kind, url }) => `${kind} at ${url}`).join(', ')}`, {
        facts: { found: seen },
      }),
    ]
  }
  if (real.length === 0) return [noneFound(), ...unused(refused)]
  const down = real.filter(({ healthy }) => !healthy).map(judgeDown)
  const well = real.filter(({ healthy }) => healthy)
  const empty = well.filter(({ models }) => models.length === 0).map(judgeEmpty)
  const models = new Set(well.flatMap(({ models }) => models)).size
  const used = well.length - empty.length
  const ok = used > 0 ? [found('engines.ok', `${used} in use, ${models} models`, { facts: { engines: well } })] : []
  return [...down, ...empty, ...ok]
}

function noneFound(): Finding {
  return found('engines.none', 'no engine was found on this machine')
}

/** Only where no engine is: other programs listen at such ports too. */
function unused(refused: readonly SeenPlace[]): readonly Finding[] {
  return refused
    .filter(({ listening }) => listening)
    .map(({ url, reason }) => found('engines.unused', `${url} is not used: ${cleanText(reason)}`, { facts: { url } }))
}

function judgeDown({ name, engine, url, reason = 'it does not answer' }: ExaminedWorker): Finding {
  return found('engines.down', `${name} (${engine} at ${url}): ${cleanText(reason)}`, { facts: { name, engine, url } })
}

function judgeEmpty({ name, engine, url }: ExaminedWorker): Finding {
  return found('engines.empty', `${name} (${engine} at ${url}) has no model`, { facts: { name, engine, url } })
}
