/** Where peers are remembered over restarts: one small file in the home. A broken one costs a slower join, never a start. */
import { readFile } from 'node:fs/promises'
import type { Logger } from '../../core/logger.ts'
import type { PeerMemory } from '../../discovery/contact/remembered-peers.ts'
import { atomicWrite } from '../../home/atomic-write.ts'

/** The memory that lies in `file`. */
export function peerFile(file: string, log: Logger): PeerMemory {
  return {
    load: async () => {
      try {
        return JSON.parse(await readFile(file, 'utf8')) as unknown
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        log.warn({ error: String(error) }, 'the file of remembered peers cannot be read; it will be written anew')
        return undefined
      }
    },
    save: async (peers) => {
      await atomicWrite(file, `${JSON.stringify(peers)}\n`, { mode: 0o600 })
    },
  }
}
