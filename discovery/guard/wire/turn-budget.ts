/**
 * How much of one kind is begun in one turn of the event loop. What arrives in one piece may be thousands of requests;
 * done in one go they would hold up everything else.
 */
export class TurnBudget {
  readonly #perTurn: number
  #spent = 0

  /** `perTurn`: how many are begun in one turn. */
  constructor(perTurn: number) {
    this.#perTurn = perTurn
  }

  /** How many may still begin in this turn. */
  get left(): number {
    return this.#perTurn - this.#spent
  }

  spend(count: number): void {
    if (count === 0) return
    if (this.#spent === 0) {
      setImmediate(() => {
        this.#spent = 0
      })
    }
    this.#spent += count
  }
}
