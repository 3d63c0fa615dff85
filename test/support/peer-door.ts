/** The HTTP door of a node that has no engine, whose peer has the one of the test. */
import OpenAI from 'openai'
import { silentLogger } from '../../core/logger.ts'
import type { Engine } from '../../engines/adapter/engine.ts'
import { createGateway, type Gateway } from '../../gateway/gateway.ts'
import { type NodePair, nodePair } from './node-pair.ts'

export interface PeerDoor {
  readonly pair: NodePair
  readonly gateway: Gateway
  /** A client of OpenAI's at the door, which asks once. */
  readonly client: OpenAI
  stop(): Promise<void>
}

/** Started, with the homes of both nodes in `folder`. Stop it. */
export async function startPeerDoor(folder: string, engine: Engine): Promise<PeerDoor> {
  const pair = await nodePair({ folder, engine })
  const init = { host: '127.0.0.1', port: 0, apiKeys: [], version: '0.0.0-test', drainMs: 1_000 }
  const gateway = createGateway({ node: pair.asker, log: silentLogger }, init)
  await gateway.start()
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'sk-none', maxRetries: 0 })
  const stop = async (): Promise<void> => {
    await gateway.stop()
    await pair.stop()
  }
  return { pair, gateway, client, stop }
}
