/**
 * Whole nodes of one federation in this process, on loopback: one that asks and has no engine, and a rig with the
 * engine of the test, or several.
 */
import { join } from 'node:path'
import { resolveConfig } from '../../config/file/resolve-config.ts'
import { fileSchema } from '../../config/schema/file-schema.ts'
import { silentLogger } from '../../core/logger.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import { homeFolder, prepareHome } from '../../home/home-folder.ts'
import { createNode } from '../../node/create-node.ts'
import type { RealmeshNode } from '../../node/realmesh-node.ts'
import { eventually } from './daemon.ts'

export interface NodePair {
  readonly asker: RealmeshNode
  readonly rig: RealmeshNode
  stop(): Promise<void>
}

export interface NodePairInit {
  /** Where the homes are made: an absolute path, of the test's own. */
  readonly folder: string
  readonly engine: Engine
  /** Further sections of the rig's realms.yml. */
  readonly rigFile?: Readonly<Record<string, unknown>>
  /** Engines of further rigs, one for each. @default none */
  readonly others?: readonly Engine[]
}

/** Started, and known to each other with what the rigs offer. Stop it. */
export async function nodePair({ folder, engine, rigFile = {}, others = [] }: NodePairInit): Promise<NodePair> {
  const [here, there] = [join(folder, 'asker'), join(folder, 'rig')]
  const rig = await startedNode(there, engine, rigFile, {})
  const joins = { bootstrap: rig.addresses(), federation_key: homeFolder(there, {}).federationKey }
  const more = others.map((other, i) => startedNode(join(folder, `rig-${i + 2}`), other, {}, joins))
  const rigs = [rig, ...(await Promise.all(more))]
  const asker = await startedNode(here, undefined, {}, joins)
  const offeredBy = ({ peerId }: RealmeshNode, at: RealmeshNode): number =>
    at.models().filter(({ nodes }) => nodes.includes(peerId)).length
  for (const each of rigs) {
    await eventually('the rig knows its engine', () => offeredBy(each, each) > 0)
    await eventually('the asker knows what the rig offers', () => offeredBy(each, asker) === offeredBy(each, each))
  }
  const stop = async (): Promise<void> => {
    await asker.stop()
    for (const each of rigs) await each.stop()
  }
  return { asker, rig, stop }
}

/**
 * A started node with its home in `folder`, which must be absolute: with the engine of the test or none, further
 * sections of its realms.yml, and further keys of `node`.
 */
export async function startedNode(
  folder: string,
  engine: Engine | undefined,
  file: Readonly<Record<string, unknown>> = {},
  joins: Readonly<Record<string, unknown>> = {},
): Promise<RealmeshNode> {
  const home = homeFolder(folder, {})
  await prepareHome(home)
  const workers = engine === undefined ? [] : [{ name: 'attic', engine: 'openai', url: engine.url }]
  const alone = { network: 'pair', listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, builtin: false }
  const values = fileSchema.parse({ user_data: { reserve: 0 }, workers, ...file, node: { ...alone, ...joins } })
  const config = resolveConfig(values, { federationId: 'federation_00000001' })
  const node = await createNode({
    config,
    source: { values, path: undefined, read: async () => ({ values, config }) },
    home,
    log: silentLogger,
    version: '0.0.0',
    engines: {
      detect: async () => ({ found: [] }),
      create: () => {
        if (engine === undefined) throw new Error('this node has no engine')
        return engine
      },
    },
  })
  await node.start()
  return node
}
