/** `node.relay` of realms.yml, what the node carries for others: as written, and as it is composed. */
import { z } from 'zod'

export const relaySchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Carry connections for nodes that cannot be dialled, where others can dial this one.'),
    mb_per_day: z
      .number()
      .min(1)
      .max(10_000_000)
      .default(2_000)
      .describe('Megabytes that are carried in a day, both ways together; own rigs are not counted.'),
    seats: z.number().int().min(1).max(512).default(64).describe('Nodes that may be reached through this one at once.'),
  })
  .prefault({})
  .describe('What the node carries for others.')

type RelayFile = z.output<typeof relaySchema>

/** What the node carries for others. */
export interface RelayConfig {
  /** Default true. */
  readonly enabled: boolean
  /** Megabytes in a day, both ways together. Default 2,000: 200 kbit/s around the clock. */
  readonly mbPerDay: number
  /** Nodes that may be reached through this one at once. Default 64. */
  readonly seats: number
}

export function resolveRelay({ enabled, mb_per_day: mbPerDay, seats }: RelayFile): RelayConfig {
  return { enabled, mbPerDay, seats }
}
