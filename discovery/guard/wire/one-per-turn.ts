/** Lets those that come at once begin one per turn of the event loop, in their order. */
export function onePerTurn(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return () => {
    last = last.then(() => new Promise((resolve) => setImmediate(resolve)))
    return last
  }
}
