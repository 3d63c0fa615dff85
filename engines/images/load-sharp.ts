/** sharp, the picture library, which is optional: a node without it serves everything but pictures. */
import { createRequire } from 'node:module'
import { RealmeshError } from '../../core/realmesh-error.ts'

export type Sharp = typeof import('sharp')['default']

const FIX = 'npm install sharp'

let loaded: Promise<Sharp> | undefined

/** Loads sharp at its first use (it costs 20 MB). Throws `CAPABILITY_MISSING` where it is not installed. */
export function loadSharp(): Promise<Sharp> {
  loaded ??= import('sharp').then(
    (module) => module.default,
    (cause: unknown) => {
      loaded = undefined
      throw new RealmeshError('CAPABILITY_MISSING', 'this node cannot work with pictures: sharp is not installed', {
        fix: FIX,
        cause,
      })
    },
  )
  return loaded
}

/** Throws as `loadSharp` would where sharp is not installed, without loading it: an idle node does not pay for it. */
export function requireSharp(): void {
  try {
    createRequire(import.meta.url).resolve('sharp')
  } catch (cause) {
    throw new RealmeshError('CAPABILITY_MISSING', 'this node cannot work with pictures: sharp is not installed', {
      fix: FIX,
      cause,
    })
  }
}
