import { checkValue } from '../../core/check-value.ts'
import { silentLogger } from '../../core/logger.ts'
import { KeyRing } from '../../gateway/door/credentials.ts'
import { responseSchema } from '../../gateway/openai/responses/asked/response-schema.ts'
import { ResponseDesk } from '../../gateway/openai/responses/kept/response-desk.ts'
import type { RecordInit } from '../../gateway/openai/responses/kept/response-record.ts'
import type { GatewayContext } from '../../gateway/request/gateway-context.ts'
import { FakeNode } from './fake-node.ts'
import { ManualClock } from './manual-clock.ts'

export interface OpenDesk {
  readonly desk: ResponseDesk
  readonly node: FakeNode
  readonly context: GatewayContext
  readonly clock: ManualClock
}

/** The responses of a gateway in front of a scripted node. */
export function openDesk(): OpenDesk {
  const node = new FakeNode()
  const keys = new KeyRing({ keys: [], openWithoutKeys: true })
  const clock = new ManualClock()
  const context = { node, log: silentLogger, clock, keys, version: '0.0.0-test' }
  return { desk: new ResponseDesk(context), node, context, clock }
}

/** What a record of a response to `hi` begins with. */
export function recordInit(queryId: string, { input = 'hi', ...fields }: Record<string, unknown> = {}): RecordInit {
  const body = checkValue(responseSchema, { input, ...fields })
  return { queryId, created: 7, model: 'm', body: { ...body, input: [{ role: 'user', content: input }] } }
}
