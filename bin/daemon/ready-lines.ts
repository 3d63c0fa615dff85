/** The six lines that a person sees when the node is up. Pure. */
import type { NodeStatus } from '../../node/api/node-api.ts'
import type { ReadyInfo } from './daemon.ts'

export function readyLines(ready: ReadyInfo, status: NodeStatus): readonly string[] {
  return [
    `realmesh  ${ready.peerId} in network ${ready.network}, federation ${status.federation.label}`,
    `programs  ${ready.http}/v1 (OpenAI), ${ready.http}`,
    `engines   ${engines(status)}`,
    `realms    ${realms(status)}`,
    `peers     ${peers(ready, status)}`,
    `next      ${next(status)}`,
  ]
}

function engines({ workers }: NodeStatus): string {
  if (workers.length === 0) return 'none found yet; they are looked for again while the node runs'
  return workers
    .map((worker) => `${worker.engine}${worker.url.startsWith('http') ? ` at ${worker.url}` : ''}`)
    .join(', ')
}

function realms({ realms: all, scope, share }: NodeStatus): string {
  return `${all.map((realm) => realm.name).join(' ')}; asks ${scope}, serves ${share}`
}

function peers({ p2p }: ReadyInfo, { peers: { connected, known } }: NodeStatus): string {
  const others = connected === 0 ? 'none yet' : `${connected} connected, ${known} known`
  return `${others}; others join through ${p2p[0] ?? 'no address'}`
}

/** Names no flag: the status does not tell whether addresses to join through were given. */
function next({ workers }: NodeStatus): string {
  const onlyBuiltin = workers.every((worker) => worker.engine.startsWith('builtin/'))
  return onlyBuiltin
    ? 'start Ollama here, or on a node that this one can reach; try: realmesh ask "What is realmesh?"'
    : 'realmesh ask "Hello"'
}
