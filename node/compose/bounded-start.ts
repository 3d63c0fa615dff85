import type { Clock } from '../../core/run/clock.ts'
import type { Startable } from '../../core/run/startable.ts'

/** A part whose start is waited for up to `ms` and then goes on behind the others: what it looks for may be slow to answer. */
export function boundedStart(
  part: Startable,
  ms: number,
  clock: Clock,
  onFailure: (error: unknown) => void,
): Startable {
  return {
    start: async () => {
      const started = part.start().catch(onFailure)
      await new Promise<void>((resolve) => {
        const cancel = clock.after(ms, resolve)
        void started.then(() => {
          cancel()
          resolve()
        })
      })
    },
    stop: () => part.stop(),
  }
}
