/** How a worker is chosen among those that fit; `auto` chooses among the others. */
export const STRATEGIES = ['health', 'round_robin', 'least_busy', 'random', 'fastest', 'auto'] as const
export type Strategy = (typeof STRATEGIES)[number]
