/**
 * A host of another federation that is only simulated: it needs no network, no model answers, and every word of it says
 * so. For tests and demonstrations of federation on one machine.
 */
import type { Model } from '../../core/model/model.ts'
import { askedText } from '../../core/query/chat-text.ts'
import { isChat, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { typeRefused } from '../adapter/capability-check.ts'
import type { Engine } from '../adapter/engine.ts'
import { HOST_KIND } from './host-state.ts'

/** Its address, at which nothing listens. */
export const SIMULATED_HOST = 'simulated:federation'

/** How it is called among hosts. */
export const SIMULATED_NAME = 'simulated-host'

/** Whether the address is that of the simulated host. */
export function isSimulatedHost(url: string): boolean {
  return url === SIMULATED_HOST
}

/** Longest piece of the question that is repeated. */
const MAX_REPEATED = 200

const MODEL: Model = {
  name: 'simulated/federation',
  types: ['chat'],
  capabilities: { vision: false, tools: false, reasoning: false, structured: false, prefill: false },
}

export class SimulatedHostEngine implements Engine {
  readonly kind = HOST_KIND
  readonly url = SIMULATED_HOST
  readonly cancelMode = 'none'
  readonly defaultSlots = 4
  readonly cloud = true

  async models(): Promise<readonly Model[]> {
    return [MODEL]
  }

  async *run(query: Query): AsyncGenerator<QueryEvent> {
    if (!isChat(query)) throw typeRefused(HOST_KIND, query)
    const asked = askedText(query).slice(0, MAX_REPEATED)
    yield { kind: 'text', text: 'Simulated answer of a mock federation; no model ran. ' }
    yield { kind: 'text', text: `Asked was: ${asked}` }
    yield { kind: 'end', finishReason: 'stop' }
  }

  async probe(): Promise<void> {}

  async close(): Promise<void> {}
}
