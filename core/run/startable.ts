/** The life of a part: constructors allocate, `start()` acquires, `stop()` releases all that `start()` acquired; twice is harmless. */
export interface Startable {
  start(): Promise<void>
  stop(): Promise<void>
}

/** Starts in order; if one fails, stops those already started, then rethrows. */
export async function startAll(parts: readonly Startable[]): Promise<void> {
  const started: Startable[] = []
  try {
    for (const part of parts) {
      await part.start()
      started.push(part)
    }
  } catch (cause) {
    await stopAll(started).catch((stopping: unknown) => {
      throw new AggregateError([cause, stopping], 'a part did not start, and those before it did not stop cleanly')
    })
    throw cause
  }
}

/** Stops in reverse order; every part gets its turn even when another throws. */
export async function stopAll(parts: readonly Startable[]): Promise<void> {
  const errors: unknown[] = []
  for (const part of [...parts].reverse()) {
    await part.stop().catch((error: unknown) => {
      errors.push(error)
    })
  }
  if (errors.length > 0) throw new AggregateError(errors, 'some parts did not stop cleanly')
}
