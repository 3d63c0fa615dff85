/** The same as JSON, by the names that RENT-A-HAL's pages read. Pure. */
import type { NodeStatus } from '../../node/api/node-api.ts'
import type { ReadRealm } from './readings.ts'

export function realmStats(realms: readonly ReadRealm[], { routing }: Pick<NodeStatus, 'routing'>): object {
  const rows = realms.map(({ name, traffic, processedQueries, errorCount, avgProcessingTime }) => [
    name,
    {
      connections: traffic.connections,
      messages_processed: traffic.messagesProcessed,
      peak_connections: traffic.peakConnections,
      processed_queries: processedQueries,
      error_count: errorCount,
      avg_processing_time: avgProcessingTime,
    },
  ])
  return { realm_stats: Object.fromEntries(rows), federation_stats: routing }
}
