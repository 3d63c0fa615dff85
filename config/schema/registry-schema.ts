/** `node.registry` of realms.yml, what the node tells of the swarm in public: as written, and as it is composed. */
import { z } from 'zod'

export const registrySchema = z
  .strictObject({
    show: z
      .boolean()
      .default(false)
      .describe(
        'Tell everyone who may reach the gateway how large the swarm is: `GET /swarm`. Sums, but for listed nodes.',
      ),
    listed: z
      .boolean()
      .default(false)
      .describe('Let nodes that show the swarm name this one: its name, contact, models and label.'),
    contact: z.string().max(128).default('').describe('How people reach the owner of a listed node.'),
  })
  .prefault({})
  .describe('What is told of the swarm in public.')

type RegistryFile = z.output<typeof registrySchema>

/** What is told of the swarm in public. All off by default. */
export interface RegistryConfig {
  /** Whether `GET /swarm` answers. */
  readonly show: boolean
  /** Whether others may name this node. */
  readonly listed: boolean
  /** Empty: none is given. */
  readonly contact: string
}

export function resolveRegistry({ show, listed, contact }: RegistryFile): RegistryConfig {
  return { show, listed, contact }
}
