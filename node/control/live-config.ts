/**
 * The configuration that a node runs with. It is read again from its file, or changed by the operator, one change after
 * another, each checked as a whole before it is applied. A change is written to the file, unless there is none or the
 * operator wants it until the restart only; what is not written outlasts a reload.
 */

import type { RealmeshConfig } from '../../config/config.ts'
import { formatPath } from '../../config/config-path.ts'
import type { ConfigEdit, WrittenConfig } from '../../config/edit/edits.ts'
import { crossCheck } from '../../config/file/cross-check.ts'
import { diffConfig, type NamedChanges, withoutRestart } from '../../config/file/diff-config.ts'
import { resolveConfig } from '../../config/file/resolve-config.ts'
import { type ConfigFile, fileSchema } from '../../config/schema/file-schema.ts'
import type { WorkerConfig } from '../../config/schema/worker-schema.ts'
import { checkValue } from '../../core/check-value.ts'
import { RealmeshError, toRealmeshError } from '../../core/realmesh-error.ts'
import { Turns } from '../../core/run/turns.ts'
import type { Changed, ChangeOptions } from '../api/changes.ts'
import type { ReloadReport } from '../api/config-control.ts'
import { MAX_REALMS } from '../realm/realm-registry.ts'
import type { RosterReport } from '../roster/worker-roster.ts'

/** A configuration in both of its forms. */
export interface ReadConfig {
  readonly config: RealmeshConfig
  /** As the file has it, defaults filled in. */
  readonly values: ConfigFile
}

/** A change of the file that is ready to be made. */
export interface PreparedChange {
  /** What the file will say then, flags and variables laid over it. */
  readonly loaded: ReadConfig
  readonly path: string
  /** Throws what keeps it from being written; then the file is as it was. */
  write(): Promise<void>
  takeBack(): Promise<void>
}

export interface LiveConfigComponents {
  /** Reads everything again: file, flags and variables. Absent: the node was not started from a file. */
  readonly read?: (() => Promise<ReadConfig>) | undefined
  /** Prepares a change of the file. Absent: no file is behind the node, and no change is written. */
  readonly prepare?: ((edit: ConfigEdit) => Promise<PreparedChange>) | undefined
  /**
   * Puts a configuration into force, which `config` gives already. Throws before anything changed when it cannot be
   * applied.
   */
  readonly apply: (config: RealmeshConfig) => Promise<RosterReport>
  /** Throws what keeps one of these workers from being used. */
  readonly checkWorkers: (workers: readonly WorkerConfig[]) => Promise<void>
}

export interface LiveConfigInit {
  readonly config: RealmeshConfig
  /** What `config` was made from. @default an empty file */
  readonly values?: ConfigFile | undefined
  /** What relative paths in a changed part are relative to. @default the current folder */
  readonly baseFolder?: string
}

/** Changes until the restart that are remembered: an operator makes a few by hand, a script a few for each worker. */
const MAX_KEPT_EDITS = 1_000

/** A change since the file was read; written ones stand between the others, so that the last word on a thing holds. */
interface KeptEdit {
  readonly edit: ConfigEdit
  readonly written: boolean
}

export class LiveConfig {
  readonly #components: LiveConfigComponents
  readonly #atStart: RealmeshConfig
  readonly #baseFolder: string
  #config: RealmeshConfig
  #values: ConfigFile
  /** Empty, or begins with one that is not written. */
  #kept: readonly KeptEdit[] = []
  /** Two changes at once would each undo what the other did. */
  readonly #turns = new Turns()

  constructor(components: LiveConfigComponents, init: LiveConfigInit) {
    this.#components = components
    this.#atStart = init.config
    this.#config = init.config
    this.#values = init.values ?? fileSchema.parse({})
    this.#baseFolder = init.baseFolder ?? '.'
  }

  /** What is in force now. */
  get config(): RealmeshConfig {
    return this.#config
  }

  /** The same in the file's own form. */
  get values(): ConfigFile {
    return this.#values
  }

  /** What would come of other values: nothing is applied. */
  diff(config: RealmeshConfig): ReturnType<typeof diffConfig> {
    return diffConfig(this.#config, config)
  }

  /**
   * Reads the file again and applies what can change. Throws what is wrong with it; then everything goes on as it was.
   */
  reload(): Promise<ReloadReport> {
    return this.#turns.take(async () => {
      const { read } = this.#components
      if (read === undefined) {
        throw new RealmeshError('USAGE', 'this node was not started from a configuration file', {
          fix: 'restart it with the new configuration',
        })
      }
      const fresh = await read()
      const kept = this.#kept.filter(({ written }) => !written)
      const { next, misfit } = this.#withKept(fresh, kept)
      const before = this.#config
      const { exchanged, problems } = await this.#take(next)
      this.#kept = misfit === undefined ? kept : []
      const { realms, workers, live } = diffConfig(before, next.config)
      const changed = new Set([...namesOf('workers', workers), ...exchanged.map((name) => `workers.${name}`)])
      const absent = new Set(problems.map(({ name }) => `workers.${name}`))
      return {
        applied: [...namesOf('realms', realms), ...[...changed].filter((path) => !absent.has(path)), ...live],
        restart: diffConfig(this.#atStart, next.config).restart,
        problems: [...linesOf(problems), ...(misfit ?? [])],
      }
    })
  }

  /** Applies a configuration as it is; for programs that embed a node. */
  replace(config: RealmeshConfig): Promise<void> {
    return this.#turns.take(async () => {
      await this.#take({ config, values: this.#values })
    })
  }

  /**
   * Changes the configuration, in its file too unless `lasts` says otherwise. Throws `CONFIG_INVALID` when the whole no
   * longer fits together, what keeps a changed worker from being used, and what keeps the file from being written; then
   * nothing has changed. `assertFits` is asked before, in the change's turn; the edit itself may be made again.
   */
  change(
    edit: ConfigEdit,
    { lasts = 'written' }: ChangeOptions = {},
    assertFits: (values: ConfigFile) => void = () => {},
  ): Promise<Changed> {
    const { prepare } = this.#components
    return this.#turns.take(async () => {
      assertFits(this.#values)
      return await (lasts === 'written' && prepare !== undefined
        ? this.#write(edit, prepare)
        : this.#changeForNow(edit))
    })
  }

  async #write(edit: ConfigEdit, prepare: NonNullable<LiveConfigComponents['prepare']>): Promise<Changed> {
    this.#edited(edit, this.#values) // what does not fit is told in the operator's words, before the file's
    const prepared = await prepare(edit)
    const kept = this.#kept.length === 0 ? [] : [...this.#kept, { edit, written: true }]
    const { next, misfit = [] } = this.#withKept(prepared.loaded, kept)
    await this.#check(next)
    const { restart } = diffConfig(this.#config, next.config)
    await prepared.write()
    try {
      const { problems } = await this.#take(next)
      this.#kept = misfit.length === 0 ? kept : []
      return { lasts: 'written', file: prepared.path, restart, problems: [...linesOf(problems), ...misfit] }
    } catch (error) {
      await prepared.takeBack()
      throw error
    }
  }

  async #changeForNow(edit: ConfigEdit): Promise<Changed> {
    if (this.#kept.length >= MAX_KEPT_EDITS) {
      throw new RealmeshError('NODE_LIMIT', `${MAX_KEPT_EDITS} changes are not written to the file`, {
        fix: 'write this one, or restart the node',
      })
    }
    const next = this.#edited(edit, this.#values)
    await this.#check(next)
    const { problems } = await this.#take(next)
    this.#kept = [...this.#kept, { edit, written: false }]
    return { lasts: 'until the restart', problems: linesOf(problems) }
  }

  /** What is read, and what was changed until the restart on top of it, unless that does not fit any more. */
  #withKept(read: ReadConfig, kept: readonly KeptEdit[]): { next: ReadConfig; misfit?: readonly string[] } {
    if (kept.length === 0) return { next: read }
    try {
      const all: ConfigEdit = (file) => kept.reduce((before, { edit }) => edit(before), file)
      return { next: this.#edited(all, read.values, read.config) }
    } catch (thrown) {
      const { message } = toRealmeshError(thrown)
      return { next: read, misfit: [`changes until the restart are gone, they no longer fit: ${message}`] }
    }
  }

  /** Throws `CONFIG_INVALID` when the whole does not fit together. */
  #edited(edit: ConfigEdit, before: ConfigFile, around: RealmeshConfig = this.#config): ReadConfig {
    const values = checkValue(fileSchema, edit(before as WrittenConfig), 'realms.yml')
    const [first] = crossCheck(values)
    if (first !== undefined) {
      const { path, message, hint } = first
      throw new RealmeshError(
        'CONFIG_INVALID',
        `${formatPath(path)}: ${message}`,
        hint === undefined ? {} : { fix: hint },
      )
    }
    const whole = resolveConfig(values, { federationId: around.federationId, baseFolder: this.#baseFolder })
    return { config: withoutRestart(whole, around), values }
  }

  async #check({ config }: ReadConfig): Promise<void> {
    assertFewRealms(config)
    const { added, changed } = diffConfig(this.#config, config).workers
    await this.#components.checkWorkers([...added, ...changed])
  }

  async #take({ config, values }: ReadConfig): Promise<RosterReport> {
    assertFewRealms(config)
    const before = this.#config
    this.#config = config
    try {
      const report = await this.#components.apply(config)
      this.#values = values
      return report
    } catch (error) {
      this.#config = before
      throw error
    }
  }
}

function assertFewRealms({ realms }: RealmeshConfig): void {
  if (realms.length > MAX_REALMS) {
    throw new RealmeshError('CONFIG_INVALID', `a node has at most ${MAX_REALMS} realms`)
  }
}

function linesOf(problems: RosterReport['problems']): readonly string[] {
  return problems.map(({ name, reason }) => `workers.${name}: ${reason}`)
}

export function namesOf(section: string, changes: NamedChanges<{ readonly name: string }>): readonly string[] {
  const names = [...changes.added, ...changes.changed].map(({ name }) => name)
  return [...names, ...changes.removed].map((name) => `${section}.${name}`)
}
