import assert from 'node:assert/strict'
import { simulatedWords } from '../../../../bin/swarm/engine/simulated-answer.ts'
import { SimulatedOllama } from '../../../../bin/swarm/engine/simulated-ollama.ts'
import { OllamaEngine } from '../../../../engines/ollama/ollama.ts'

const PLAN = { model: 'simulated', slots: 1, tokens_per_second: 10_000, first_token_ms: 0 }

interface Message {
  readonly role: string
  readonly content: string
}

describe('SimulatedOllama', () => {
  let engine: SimulatedOllama
  let url: string

  beforeEach(async () => {
    engine = new SimulatedOllama(PLAN, ['simulated-at-rig'])
    url = await engine.start()
  })

  afterEach(() => engine.stop())

  async function chat(messages: readonly Message[], tokens: number): Promise<string> {
    const body = JSON.stringify({ model: 'simulated', messages, options: { num_predict: tokens } })
    const response = await fetch(`${url}/api/chat`, { method: 'POST', body })
    const lines = (await response.text()).trim().split('\n')
    return lines.map((line) => (JSON.parse(line) as { message: Message }).message.content).join('')
  }

  it('is what the adapter for Ollama takes for one, with models that can be continued', async () => {
    const adapter = new OllamaEngine({ url })
    try {
      const models = await adapter.models({ signal: new AbortController().signal })
      assert.deepEqual(
        models.map(({ name, capabilities }) => [name, capabilities.prefill]),
        [
          ['simulated', true],
          ['simulated-at-rig', true],
        ],
      )
    } finally {
      await adapter.close()
    }
  })

  it('goes on with an answer that another began, as if it were unbroken', async () => {
    const whole = simulatedWords('why', 12).join('')
    assert.equal(await chat([{ role: 'user', content: 'why' }], 12), whole)
    const begun = simulatedWords('why', 5).join('')
    const asked = [
      { role: 'user', content: 'why' },
      { role: 'assistant', content: begun },
    ]
    assert.equal(begun + (await chat(asked, 7)), whole)
    assert.deepEqual(
      engine.journal.map(({ prompt, continued, end }) => [prompt, continued, end]),
      [
        ['why', false, 'end'],
        ['why', true, 'end'],
      ],
    )
  })

  it('lies when it is told to, and tells the truth again', async () => {
    const asked = [{ role: 'user', content: 'why' }]
    const whole = simulatedWords('why', 8).join('')
    engine.behave({ lie: 'empty' })
    assert.equal(await chat(asked, 8), '')
    engine.behave({ lie: 'wrong' })
    const wrong = await chat(asked, 8)
    assert.ok(wrong !== whole && wrong.length > 0)
    engine.behave({ lie: 'cut' })
    await assert.rejects(chat(asked, 8))
    engine.behave({})
    assert.equal(await chat(asked, 8), whole)
  })
})
