import type { RealmeshConfig } from '../../config/config.ts'
import { resolveConfig } from '../../config/file/resolve-config.ts'
import { fileSchema } from '../../config/schema/file-schema.ts'
import type { NodeConfig } from '../../config/schema/node-schema.ts'

/** The configuration that an empty file gives, with `node` changed as told. */
export function defaultConfig(node: Partial<NodeConfig> = {}, federationId = 'federation_00000000'): RealmeshConfig {
  const config = resolveConfig(fileSchema.parse({}), { federationId })
  return { ...config, node: { ...config.node, ...node } }
}
