/**
 * An answer of one kind of engine, cut at random tokens, that another kind with the same weights goes on with. The
 * system message is given, since the engines' own templates put in different ones.
 */
import assert from 'node:assert/strict'
import { createEngine } from '../../engines/engine-kinds.ts'
import { chatQuery } from '../support/query.ts'
import { cutAnswer, different, oddSeams } from '../support/real/cut-answer.ts'
import { note } from '../support/real/engine-table.ts'
import { LlamaServer, llamaServerMissing } from '../support/real/llama-server.ts'
import { OLLAMA_MODEL, ollamaMissing, startOllama } from '../support/real/ollama.ts'
import type { RealServer } from '../support/real/real-engine.ts'
import { startVllm, VLLM_MODEL, vllmMissing } from '../support/real/vllm.ts'
import { leftOut } from '../support/skip.ts'
import { volume } from '../support/volume.ts'

const KINDS = {
  'llama-server': { model: 'smol', missing: llamaServerMissing(), start: () => LlamaServer.start() },
  ollama: { model: OLLAMA_MODEL, missing: ollamaMissing(), start: () => startOllama() },
  vllm: { model: VLLM_MODEL, missing: vllmMissing(), start: () => startVllm() },
} as const
type Kind = keyof typeof KINDS

const PAIRS: readonly (readonly [Kind, Kind])[] = [
  ['llama-server', 'ollama'],
  ['ollama', 'llama-server'],
  ['llama-server', 'vllm'],
  ['vllm', 'llama-server'],
]
const MAX_TOKENS = volume(40, 80)
const messages = [
  { role: 'system' as const, content: 'You are a helpful assistant.' },
  { role: 'user' as const, content: 'Write a short story about a dragon in three paragraphs.' },
]

describe('an answer that another kind of engine goes on with', () => {
  const servers = new Map<Kind, RealServer>()

  after(() => Promise.all([...servers.values()].map((server) => server.stop())))

  async function engineOf(kind: Kind) {
    const server = servers.get(kind) ?? (await KINDS[kind].start())
    servers.set(kind, server)
    return createEngine({ kind, url: server.url })
  }

  for (const [from, at] of PAIRS) {
    const missing = KINDS[from].missing ?? KINDS[at].missing
    if (missing !== undefined) {
      leftOut(`an answer of ${from} that ${at} goes on with`, missing)
      continue
    }
    it(`begun by ${from}, ended by ${at}, has a seam that cannot be seen, and the length that was asked for`, async () => {
      const [first, second] = [await engineOf(from), await engineOf(at)]
      const signal = new AbortController().signal
      await Promise.all([first.models({ signal }), second.models({ signal })])
      const body = { messages, sampling: { temperature: 0, repeatPenalty: 1, maxTokens: MAX_TOKENS } }
      const query = chatQuery({ model: KINDS[from].model, body })
      const cuts = volume(6, 50)
      const result = await cutAnswer({ query, cuts, from: first, at: second, model: KINDS[at].model })
      const odd = oddSeams(result)
      const same = cuts - different(result).length
      note(`ended by ${at}`, `begun by ${from}`, `${cuts - odd.length} of ${cuts} seams sane, ${same} as uncut`)
      for (const { end } of result.joined) {
        if (end.finishReason === 'length') assert.equal(end.usage?.completionTokens, MAX_TOKENS)
        else assert.ok((end.usage?.completionTokens ?? MAX_TOKENS) <= MAX_TOKENS)
        assert.equal(end.usage?.promptTokens, result.whole.end.usage?.promptTokens)
      }
      assert.deepEqual(odd, [])
      await Promise.all([first.close(), second.close()])
    })
  }
})
