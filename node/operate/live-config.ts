/**
 * The configuration that a node runs with. It is read again from its file, or changed by the operator; one change after another, each
 * checked as a whole before it is applied. What the operator changed by hand lasts until the file is read again.
 */

import type { RealmeshConfig } from '../../config/config.ts'
import { formatPath } from '../../config/config-path.ts'
import { crossCheck } from '../../config/file/cross-check.ts'
import { diffConfig, type NamedChanges } from '../../config/file/diff-config.ts'
import { resolveConfig } from '../../config/file/resolve-config.ts'
import { type ConfigFile, fileSchema } from '../../config/schema/file-schema.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import type { ReloadReport } from '../api/node-control.ts'
import { MAX_REALMS } from '../realm/realm-registry.ts'

/** A configuration in both of its forms. */
export interface ReadConfig {
  readonly config: RealmeshConfig
  /** As the file has it, defaults filled in. */
  readonly values: ConfigFile
}

export interface LiveConfigComponents {
  /** Reads everything again: file, flags and variables. Absent: the node was not started from a file. */
  readonly read?: (() => Promise<ReadConfig>) | undefined
  /** Puts a configuration into force, which `config` gives already. Throws before anything changed when it cannot be applied. */
  readonly apply: (config: RealmeshConfig) => Promise<void>
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
  #last: Promise<unknown> = Promise.resolve()

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

  /** Reads the file again and applies what can change. Throws what is wrong with it; then everything goes on as it was. */
  reload(): Promise<ReloadReport> {
    return this.#inTurn(async () => {
      const { read } = this.#components
      if (read === undefined) {
        throw new RealmeshError('USAGE', 'this node was not started from a configuration file', {
          fix: 'restart it with the new configuration',
        })
      }
      const { config, values } = await read()
      const before = this.#config
      await this.#take(config, values)
      const { realms, workers, live } = diffConfig(before, config)
      return {
        applied: [...namesOf('realms', realms), ...namesOf('workers', workers), ...live],
        restart: diffConfig(this.#atStart, config).restart,
      }
    })
  }

  /** Applies a configuration as it is; for programs that embed a node. */
  replace(config: RealmeshConfig): Promise<void> {
    return this.#inTurn(() => this.#take(config, this.#values))
  }

  /** Changes realms or workers. Throws `CONFIG_INVALID` when the whole no longer fits together; then nothing has changed. */
  change(edit: (values: ConfigFile) => Partial<Pick<ConfigFile, 'realms' | 'workers'>>): Promise<void> {
    return this.#inTurn(async () => {
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
      await this.#take({ ...this.#config, realms, workers }, values)
    })
  }

  async #take(config: RealmeshConfig, values: ConfigFile): Promise<void> {
    if (config.realms.length > MAX_REALMS) {
      throw new RealmeshError('CONFIG_INVALID', `a node has at most ${MAX_REALMS} realms`)
    }
    const before = this.#config
    this.#config = config
    try {
      await this.#components.apply(config)
    } catch (error) {
      this.#config = before
      throw error
    }
    this.#values = values
  }

  /** Two changes at once would each undo what the other did. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => {}) // Told to whoever asked for it; the next change must have its turn all the same.
    return mine
  }
}

function namesOf(section: string, changes: NamedChanges<{ readonly name: string }>): readonly string[] {
  const names = [...changes.added, ...changes.changed].map(({ name }) => name)
  return [...names, ...changes.removed].map((name) => `${section}.${name}`)
}
