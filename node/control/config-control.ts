/** The operator's hand on any value of realms.yml. */
import { formatPath } from '../../config/config-path.ts'
import { setAt } from '../../config/edit/edits.ts'
import { assertKnownPath, requirePath, unknownPath } from '../../config/edit/set-value.ts'
import { checkConfig, type Origin } from '../../config/file/check-config.ts'
import { describeProblem } from '../../config/file/config-problem.ts'
import { warningsOf } from '../../config/file/cross-check.ts'
import { readConfigText } from '../../config/file/load-config.ts'
import { defined } from '../../core/defined.ts'
import { valueAt } from '../../core/json/value-at.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { Clock } from '../../core/run/clock.ts'
import type { ConfigCheck, ConfigControl } from '../api/config-control.ts'
import { type LiveConfig, namesOf, type ReadConfig } from './live-config.ts'

export interface ConfigControlComponents {
  readonly live: Pick<LiveConfig, 'values' | 'change' | 'reload' | 'diff'>
  readonly clock: Pick<Clock, 'wall'>
  /** The file behind the node; absent: none. */
  readonly file?: ConfiguredFile | undefined
}

export interface ConfiguredFile {
  /** Where it lies, whether or not it is there. */
  readonly path: string
  /** Where each value came from when it was read last. */
  readonly origins: ReadonlyMap<string, Origin>
  /** What reading it now would give. Throws what is wrong with it. */
  peek(): Promise<ReadConfig>
}

export function configControl({ live, file, clock }: ConfigControlComponents): ConfigControl {
  return {
    get: (text = '') => {
      const path = text === '' ? [] : requirePath(text)
      const value = valueAt(live.values, path)
      if (value === undefined) throw unknownPath(path)
      return { path: formatPath(path), value, ...defined({ origin: originOf(file, formatPath(path)) }) }
    },
    set: async (text, value) => {
      const path = requirePath(text)
      if (value !== null && value !== undefined) assertKnownPath(path)
      const changed = await live.change(setAt(path, value ?? undefined))
      const over = file?.origins.get(formatPath(path))
      if (over?.source !== 'flag' && over?.source !== 'env') return changed
      return { ...changed, problems: [...(changed.problems ?? []), `${over.where} of this process is over the file`] }
    },
    validate: async (text) => {
      const path = file?.path
      const read = text ?? (path === undefined ? '' : ((await readConfigText(path, true)) ?? ''))
      return {
        ...checkText(read, text === undefined ? (path ?? 'realms.yml') : 'the text', clock.wall()),
        ...defined({ path }),
      }
    },
    reload: () => live.reload(),
    diff: async () => {
      if (file === undefined) throw new RealmeshError('USAGE', 'this node was not started from a configuration file')
      const { realms, workers, live: applied, restart } = live.diff((await file.peek()).config)
      return {
        path: file.path,
        applied: [...namesOf('realms', realms), ...namesOf('workers', workers), ...applied],
        restart,
      }
    },
  }
}

function originOf(file: ConfiguredFile | undefined, path: string): string | undefined {
  const origin = file?.origins.get(path)
  if (origin === undefined) return undefined
  return origin.source === 'default' ? 'default' : `${origin.source} ${origin.where}`
}

function checkText(text: string, name: string, nowMs: number): ConfigCheck {
  const checked = checkConfig(text, name)
  if (checked.ok) return { valid: true, problems: [], warnings: warningsOf(checked.file, nowMs) }
  return {
    valid: false,
    problems: checked.problems.map((problem) => ({
      where: problem.where,
      message: describeProblem(problem),
      ...defined({ hint: problem.hint }),
    })),
    warnings: [],
  }
}
