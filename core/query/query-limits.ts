/** Bounds of a query's settings, the same where a program sends them and where a peer does. */

/** Stop words of one query: templates for filling in code have nine, editors add some for each language. */
export const MAX_STOPS = 64

/** Tokens of an answer; no window is as long, so a larger wish means "no limit". */
export const MAX_TOKENS_WANTED = 10_000_000
