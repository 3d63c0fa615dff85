/**
 * The configuration that a node runs with. It is read again from its file, or changed by the operator; one change after
 * another, each checked as a whole before it is applied. What the operator changed by hand lasts until the file is read
 * again.
 */

import type { RealmeshConfig } from '../../config/config.ts'
import { formatPath } from '../../config/config-path.ts'
import { crossCheck } from '../../config/file/cross-check.ts'
import { diffConfig, type NamedChanges } from '../../config/file/diff-config.ts'
import { resolveConfig } from '../../config/file/resolve-config.ts'
import { type ConfigFile, fileSchema } from '../../config/schema/file-schema.ts'
import type { WorkerConfig } from '../../config/schema/worker-schema.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { Turns } from '../../core/run/turns.ts'
import type { ReloadReport } from '../api/node-control.ts'
import { MAX_REALMS } from '../realm/realm-registry.ts'
import type { RosterReport } from '../roster/worker-roster.ts'

/** A configuration in both of its forms. */
export interface ReadConfig {
  readonly config: RealmeshConfig
  /** As the file has it, defaults filled in. */
  readonly values: ConfigFile
}

export interface LiveConfigComponents {
  /** Reads everything again: file, flags and variables. Absent: the node was not started from a file. */
  readonly read?: (() => Promise<ReadConfig>) | undefined
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

export class LiveConfig {
  readonly #components: LiveConfigComponents
  readonly #atStart: RealmeshConfig
  readonly #baseFolder: string
  #config: RealmeshConfig
  #values: ConfigFile
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
      const { config, values } = await read()
      const before = this.#config
      const { exchanged, problems } = await this.#take(config, values)
      const { realms, workers, live } = diffConfig(before, config)
      const changed = new Set([...namesOf('workers', workers), ...exchanged.map((name) => `workers.${name}`)])
      const absent = new Set(problems.map(({ name }) => `workers.${name}`))
      return {
        applied: [...namesOf('realms', realms), ...[...changed].filter((path) => !absent.has(path)), ...live],
        restart: diffConfig(this.#atStart, config).restart,
        problems: problems.map(({ name, reason }) => `workers.${name}: ${reason}`),
      }
    })
  }

  /** Applies a configuration as it is; for programs that embed a node. */
  replace(config: RealmeshConfig): Promise<void> {
    return this.#turns.take(async () => {
      await this.#take(config, this.#values)
    })
  }

  /**
   * Changes realms or workers. Throws `CONFIG_INVALID` when the whole no longer fits together, and what keeps a changed
   * worker from being used; then nothing has changed.
   */
  change(edit: (values: ConfigFile) => Partial<Pick<ConfigFile, 'realms' | 'workers'>>): Promise<void> {
    return this.#turns.take(async () => {
      const values = { ...this.#values, ...edit(this.#values) }
      const [first] = crossCheck(values)
      if (first !== undefined) {
        const { path, message, hint } = first
        throw new RealmeshError(
          'CONFIG_INVALID',
          `${formatPath(path)}: ${message}`,
          hint === undefined ? {} : { fix: hint },
        )
      }
      const init = { federationId: this.#config.federationId, baseFolder: this.#baseFolder }
      const { realms, workers } = resolveConfig(values, init)
      const next = { ...this.#config, realms, workers }
      const { added, changed } = diffConfig(this.#config, next).workers
      await this.#components.checkWorkers([...added, ...changed])
      await this.#take(next, values)
    })
  }

  async #take(config: RealmeshConfig, values: ConfigFile): Promise<RosterReport> {
    if (config.realms.length > MAX_REALMS) {
      throw new RealmeshError('CONFIG_INVALID', `a node has at most ${MAX_REALMS} realms`)
    }
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

function namesOf(section: string, changes: NamedChanges<{ readonly name: string }>): readonly string[] {
  const names = [...changes.added, ...changes.changed].map(({ name }) => name)
  return [...names, ...changes.removed].map((name) => `${section}.${name}`)
}
