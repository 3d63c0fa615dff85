/**
 * Whether a prompt fits a model's window, by one estimate for everyone: what is drawn, what is refused, and what a node
 * takes in.
 */

/** The estimate may be this far over before a query is refused: only the engine knows, and it says so itself. */
export const CONTEXT_MARGIN = 1.3

/** Largest window that is told: it fits 32 bits on the wire. */
const MAX_WINDOW = 0xffff_ffff

/** A window as it is told, in whole tokens; undefined, which is not known, for what is none. */
export function windowOf(tokens: number | undefined): number | undefined {
  return tokens !== undefined && Number.isFinite(tokens) && tokens >= 1
    ? Math.min(Math.floor(tokens), MAX_WINDOW)
    : undefined
}

/**
 * Whether about `promptTokens` may fit into `contextLength` tokens; what does not say how much it holds may hold all.
 */
export function fitsWindow(promptTokens: number, contextLength: number | undefined): boolean {
  return contextLength === undefined || promptTokens <= contextLength * CONTEXT_MARGIN
}
