/** Waits in turns of the event loop, not in time, for what no event tells. */
import assert from 'node:assert/strict'

/** Some seconds of a loop that does nothing else: what is waited for within one process takes some thousands. */
const MAX_TURNS = 1_000_000

/** Half a minute of questions to a node of this machine, which take a millisecond or so each. */
const MAX_ASKS = 20_000

/** One turn of the event loop. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/**
 * Resolves once it `holds`, and throws when it does not within MAX_TURNS; `what` says what was waited for.
 * `eachTurn` is called before each turn, such as to move a clock.
 */
export async function until(what: string, holds: () => boolean, eachTurn: () => void = () => {}): Promise<void> {
  for (let turns = 0; !holds(); turns += 1) {
    assert.ok(turns < MAX_TURNS, `still not after ${turns} turns: ${what}`)
    eachTurn()
    await turn()
  }
}

/** Asks again and again until an answer `fits`, and returns it; throws when none of MAX_ASKS does. */
export async function untilAnswer<T>(what: string, ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  for (let asks = 0; asks < MAX_ASKS; asks += 1) {
    const answer = await ask()
    if (fits(answer)) return answer
    await turn()
  }
  throw new assert.AssertionError({ message: `still not after ${MAX_ASKS} answers: ${what}` })
}
