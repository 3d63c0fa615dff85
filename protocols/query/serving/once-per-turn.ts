/**
 * `make`, called at most once per turn of the event loop: what was made for the first answer of a turn serves the
 * others.
 */
export function oncePerTurn<T extends object>(make: () => T): () => T {
  let made: T | undefined
  const forget = (): void => {
    made = undefined
  }
  return () => {
    if (made === undefined) {
      made = make()
      setImmediate(forget)
    }
    return made
  }
}
