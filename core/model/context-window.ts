/**
 * Whether a prompt fits a model's window, by one estimate for everyone: what is drawn, what is refused, and what a node
 * takes in.
 */

/** The estimate may be this far over before a query is refused: only the engine knows, and it says so itself. */
export const CONTEXT_MARGIN = 1.3

/**
 * Whether about `promptTokens` may fit into `contextLength` tokens; what does not say how much it holds may hold all.
 */
export function fitsWindow(promptTokens: number, contextLength: number | undefined): boolean {
  return contextLength === undefined || promptTokens <= contextLength * CONTEXT_MARGIN
}
