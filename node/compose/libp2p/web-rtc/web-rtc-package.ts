/**
 * `@libp2p/webrtc`, the package that gets through two routers at once. It is optional, for its native part of 9 MB: a
 * node without it is reached over relays where there is no direct way.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { RealmeshError, toRealmeshError } from '../../../../core/realmesh-error.ts'
import type { PunchingState } from '../../../../discovery/punch/punching-state.ts'

export type WebRtcModule = typeof import('@libp2p/webrtc')

const NAME = '@libp2p/webrtc'
const FIX = `npm install ${NAME}`

export interface WebRtcPackageInit {
  /** Whether the owner wants it. @default true */
  readonly enabled?: boolean
  /** Whether the package is installed. @default looks where Node would */
  readonly isInstalled?: () => boolean
  /** @default Node's own import */
  readonly load?: () => Promise<WebRtcModule>
}

export class WebRtcPackage {
  readonly #load: () => Promise<WebRtcModule>
  #state: PunchingState
  #error: RealmeshError | undefined

  constructor(init: WebRtcPackageInit = {}) {
    this.#load = init.load ?? (() => import('@libp2p/webrtc'))
    this.#state = 'off'
    if (init.enabled !== false) this.#look(init.isInstalled ?? isInstalled)
  }

  /** Known without loading it; that its native part does not run here is found when it is loaded. */
  get state(): PunchingState {
    return this.#state
  }

  /** Why it cannot be used, and what to do; set when it is missing or broken. */
  get error(): RealmeshError | undefined {
    return this.#error
  }

  /** Rejects with `CAPABILITY_MISSING`. */
  async load(): Promise<WebRtcModule> {
    if (this.#state !== 'ready') {
      throw this.#error ?? new RealmeshError('CAPABILITY_MISSING', 'WebRTC is switched off', { fix: 'node.webrtc' })
    }
    try {
      return await this.#load()
    } catch (cause) {
      const { message } = toRealmeshError(cause)
      throw this.#cannot('broken', `WebRTC does not run on this machine: ${message.split('\n')[0]}`, cause)
    }
  }

  #look(isThere: () => boolean): void {
    if (isThere()) this.#state = 'ready'
    else this.#cannot('missing', 'WebRTC is not installed')
  }

  #cannot(state: PunchingState, text: string, cause?: unknown): RealmeshError {
    this.#state = state
    this.#error = new RealmeshError('CAPABILITY_MISSING', text, { fix: FIX, cause })
    return this.#error
  }
}

/** The package is for `import` alone: `require.resolve` does not find it on Node 20. */
function isInstalled(): boolean {
  const folders = createRequire(import.meta.url).resolve.paths(NAME) ?? []
  return folders.some((folder) => existsSync(join(folder, NAME, 'package.json')))
}
