/**
 * A whole node of a federation of its own behind a real gateway on loopback, with one engine or none, and without a
 * swarm: what it knows of others it knows by HTTP.
 */
import { join } from 'node:path'
import type { RealmeshConfig } from '../../config/config.ts'
import { resolveConfig } from '../../config/file/resolve-config.ts'
import { fileSchema } from '../../config/schema/file-schema.ts'
import { type Logger, silentLogger } from '../../core/logger.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import { createEngine } from '../../engines/engine-kinds.ts'
import { createGateway, type Gateway } from '../../gateway/gateway.ts'
import { homeFolder, prepareHome } from '../../home/home-folder.ts'
import { createNode } from '../../node/create-node.ts'
import type { RealmeshNode } from '../../node/realmesh-node.ts'

export interface FederatedNodeInit {
  /** Where its home is made: an absolute path, of the test's own. */
  readonly folder: string
  readonly federationId: string
  /** Where its gateway listens: others must know it before. @default any free port */
  readonly port?: number
  /** Made once; the node closes it. @default none */
  readonly engine?: Engine
  /** Further sections of realms.yml. */
  readonly file?: Readonly<Record<string, unknown>>
  readonly log?: Logger
}

export interface FederatedNode {
  readonly node: RealmeshNode
  readonly gateway: Gateway
  readonly config: RealmeshConfig
  stop(): Promise<void>
}

/** Started. Stop it. */
export async function federatedNode(init: FederatedNodeInit): Promise<FederatedNode> {
  const { folder, federationId, port = 0, engine, file = {}, log = silentLogger } = init
  const home = homeFolder(join(folder, federationId), {})
  await prepareHome(home)
  const alone = { network: federationId, listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, builtin: false }
  const workers = engine === undefined ? [] : [{ name: 'rig', engine: 'openai', url: engine.url }]
  const values = fileSchema.parse({
    ...{ federation_id: federationId, user_data: { reserve: 0 }, workers },
    ...file,
    node: { ...alone, scope: 'friends', share: 'friends', ...(file['node'] as object | undefined) },
  })
  const config = resolveConfig(values, { federationId, baseFolder: folder })
  const node = await createNode({
    config,
    source: { values, path: undefined, read: async () => ({ values, config }) },
    ...{ home, log, version: '0.0.0' },
    engines: {
      detect: async () => ({ found: [] }),
      create: (spec) => (spec.kind === 'openai' && engine !== undefined ? engine : createEngine(spec)),
    },
  })
  const gateway = createGateway(
    { node, log },
    { host: '127.0.0.1', port, apiKeys: [], version: '0.0.0', drainMs: 1_000 },
  )
  await node.start()
  await gateway.start()
  const stop = async (): Promise<void> => {
    await gateway.stop()
    await node.stop()
  }
  return { node, gateway, config, stop }
}
