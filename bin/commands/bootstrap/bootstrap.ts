/** `realmesh bootstrap`: runs a node through which others join: no engines, no queries, a generous relay. */
import type { LoadedConfig } from '../../../config/file/load-config.ts'
import type { RelayConfig } from '../../../config/schema/reach/relay-schema.ts'
import type { RunCommand } from '../../cli/command.ts'
import { runNode } from '../node/up.ts'
import { bootstrapLines, bootstrapList } from './bootstrap-lines.ts'

/** 5 Mbit/s around the clock: what a small rented machine may send, and what its owner has it for. */
const GENEROUS: Pick<RelayConfig, 'mbPerDay' | 'seats'> = { mbPerDay: 50_000, seats: 500 }

export const run: RunCommand = (invocation) => {
  const { flags } = invocation
  return runNode(
    { ...invocation, flags: { ...flags, noDetect: true, noBuiltin: true } },
    {
      adapt: asBootstrap,
      serves: 'state',
      lines: ({ ready, node }, width) => bootstrapLines(ready, node.status(), width),
      json: ({ ready }) => ({ ...ready, ...bootstrapList(ready) }),
    },
  )
}

/** Relays generously and tells how large the swarm is, where its owner says nothing else. */
export function asBootstrap(loaded: LoadedConfig): LoadedConfig {
  const { config, origins } = loaded
  const said = (key: string): boolean => (origins.get(`node.${key}`)?.source ?? 'default') !== 'default'
  const { relay, registry } = config.node
  const generous: RelayConfig = {
    ...relay,
    mbPerDay: said('relay.mb_per_day') ? relay.mbPerDay : GENEROUS.mbPerDay,
    seats: said('relay.seats') ? relay.seats : GENEROUS.seats,
  }
  const telling = { ...registry, show: said('registry.show') ? registry.show : true }
  return { ...loaded, config: { ...config, node: { ...config.node, relay: generous, registry: telling } } }
}
