import assert from 'node:assert/strict'
import type { Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import { createEngine } from '../../engines/engine-kinds.ts'
import { collect } from '../support/collect.ts'
import { chatQuery } from '../support/query.ts'
import { directOpenAi, type RealEngine } from '../support/real/real-engine.ts'
import { startVllm, VLLM_CONTEXT, VLLM_MODEL, vllmMissing } from '../support/real/vllm.ts'
import { realEngineSuite } from './real-engine-suite.ts'
import { realNodeSuite } from './real-node-suite.ts'

const real: RealEngine = {
  kind: 'vllm',
  model: VLLM_MODEL,
  missing: vllmMissing(),
  inGate: false,
  context: VLLM_CONTEXT,
  slots: 2,
  can: { tools: 'unsure', structured: true, seed: true, prefill: true, load: true, loading: false, refusesLong: true },
  start: startVllm,
  direct: (server, ask) => directOpenAi(server, VLLM_MODEL, ask),
  more: (server) => {
    it('counts a conversation as it then reads it, and tells tokens that become the text again', async () => {
      const engine = createEngine({ kind: 'vllm', url: server().url })
      const { signal } = new AbortController()
      const { type: _, body: __, ...envelope } = chatQuery({ model: VLLM_MODEL })
      const ask = async (query: Pick<Query, 'type' | 'body'>): Promise<readonly QueryEvent[]> =>
        await collect(engine.run({ ...envelope, ...query } as Query, { signal }))
      const [model] = await engine.models({ signal })
      assert.deepEqual(model?.types, ['chat', 'tokens'])
      const chat = { messages: [{ role: 'user', content: 'Hello wörld 🦙' }], sampling: { maxTokens: 1 } } as const
      const answered = (await ask({ type: 'chat', body: chat })).at(-1)
      assert.ok(answered?.kind === 'end' && answered.usage !== undefined)
      const [counted] = await ask({ type: 'tokens', body: { chat } })
      assert.deepEqual(counted, { kind: 'tokens', count: answered.usage.promptTokens })
      const [told] = await ask({ type: 'tokens', body: { text: 'Hello wörld 🦙', detail: 'ids' } })
      assert.ok(told?.kind === 'tokens' && told.ids !== undefined)
      const [text] = await ask({ type: 'tokens', body: { ids: told.ids } })
      assert.deepEqual(text, { kind: 'text', text: 'Hello wörld 🦙' })
      await engine.close()
    })
  },
}

realEngineSuite('vLLM', real)
realNodeSuite('vLLM', real)
