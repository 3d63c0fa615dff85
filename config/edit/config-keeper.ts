/**
 * The realms.yml behind a running node: read again when its owner says so, and changed for them. One writer never
 * undoes what another wrote: a file that is not the one in force any more is left alone.
 */

import { rm } from 'node:fs/promises'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { codeOf, messageOf } from '../../core/thrown.ts'
import { atomicWrite } from '../../home/atomic-write.ts'
import { configPlace, type LoadConfigInput, type LoadedConfig, loadText, readConfigText } from '../file/load-config.ts'
import { rereadConfig } from '../file/reread-config.ts'
import { editText } from './edit-text.ts'
import type { ConfigEdit } from './edits.ts'

export interface ConfigKeeperComponents {
  /** What every reading passes before anybody sees it. @default as it was read */
  readonly adapt?: (loaded: LoadedConfig) => LoadedConfig
  /** Looks at every change before it is written, and throws what is wrong with it. @default nothing */
  readonly check?: (next: LoadedConfig, before: LoadedConfig) => Promise<void>
  /** Told of every configuration that is in force from now on. */
  readonly onTaken?: (loaded: LoadedConfig) => void
}

/** A change that is ready to be made. */
export interface PreparedEdit {
  /** What will be in force, flags and variables laid over it. */
  readonly loaded: LoadedConfig
  /** The file that holds it then. */
  readonly path: string
  /**
   * Puts it in the file's place. Throws `CONFIG_CHANGED`, `STORAGE_FULL` or `STORAGE_FAILED`; then the file is as it
   * was.
   */
  write(): Promise<void>
  /** Puts back what stood there before `write`, where that is still what was written. */
  takeBack(): Promise<void>
}

export class ConfigKeeper {
  readonly #components: ConfigKeeperComponents
  readonly #input: LoadConfigInput
  #loaded: LoadedConfig

  /** `loaded`: what was read at the start, from `input`. */
  constructor(components: ConfigKeeperComponents, input: LoadConfigInput, loaded: LoadedConfig) {
    this.#components = components
    this.#input = { ...input, createFederationKey: false }
    this.#loaded = loaded
  }

  /** What was read or written last. */
  get loaded(): LoadedConfig {
    return this.#loaded
  }

  /** Where the file lies, whether or not it is there. */
  get path(): string {
    return this.#loaded.path ?? configPlace(this.#input).path
  }

  /** Where each value came from. */
  get origins(): LoadedConfig['origins'] {
    return this.#loaded.origins
  }

  /** Reads everything again. Throws what is wrong with it, an accident of the file included. */
  async reread(): Promise<LoadedConfig> {
    return this.#take(this.#adapted(await rereadConfig(this.#input, this.#loaded)))
  }

  /** What reading the file now would give; nothing is taken over. Throws what is wrong with it. */
  async peek(): Promise<LoadedConfig> {
    return this.#adapted(await loadText(this.#input, this.path, await readConfigText(this.path, true)))
  }

  /**
   * Prepares a change; nothing has changed yet. Throws `CONFIG_CHANGED` when the file is not the one in force, and
   * `CONFIG_INVALID` when it would not be valid any more, and what `check` throws.
   */
  async prepare(edit: ConfigEdit): Promise<PreparedEdit> {
    const { path } = this
    const before = this.#loaded
    await this.#assertInForce(before.text)
    const text = editText(before.text, edit, path)
    const loaded = this.#adapted(await loadText(this.#input, path, text))
    await this.#components.check?.(loaded, before)
    return {
      loaded,
      path,
      write: async () => {
        await this.#replace(text, before.text)
        this.#take(loaded)
      },
      takeBack: async () => {
        if (before.path !== undefined) await this.#replace(before.text, text)
        else {
          await this.#assertInForce(text)
          await rm(path, { force: true })
        }
        this.#take(before)
      },
    }
  }

  #adapted(loaded: LoadedConfig): LoadedConfig {
    return this.#components.adapt?.(loaded) ?? loaded
  }

  #take(loaded: LoadedConfig): LoadedConfig {
    this.#loaded = loaded
    this.#components.onTaken?.(loaded)
    return loaded
  }

  async #replace(text: string, expected: string): Promise<void> {
    const { path } = this
    try {
      // Asked again when the new text lies beside it: only a rename is then between the look and the change.
      await atomicWrite(path, text, { confirm: () => this.#assertInForce(expected) })
    } catch (cause) {
      if (cause instanceof RealmeshError) throw cause
      throw new RealmeshError('STORAGE_FAILED', `${path} cannot be written (${codeOf(cause) ?? messageOf(cause)})`, {
        fix: 'nothing has changed; give the node the right to write it, or ask for a change until the restart',
        cause,
      })
    }
  }

  async #assertInForce(text: string): Promise<void> {
    if (((await readConfigText(this.path, true)) ?? '') === text) return
    throw new RealmeshError('CONFIG_CHANGED', `${this.path} was changed since the node read it`, {
      fix: 'put that into force first: realmesh config reload',
    })
  }
}
