/** Real clients while an answer waits: comments do not disturb them, nor events that they asked for. */
import assert from 'node:assert/strict'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { PING_EVERY_MS } from '../../../gateway/request/limits.ts'
import { FAKE_START } from '../../support/fake-node.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { type StartedGateway, startGateway } from '../../support/started-gateway.ts'

const MESSAGES = [{ role: 'user' as const, content: 'hello' }]

/** A program of each dialect, which reads a stream to its end. */
const PROGRAMS: Readonly<Record<string, (url: string, headers: Record<string, string>) => Promise<string>>> = {
  'openai, chat completions': async (url, defaultHeaders) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0, defaultHeaders })
    const stream = client.chat.completions.stream({ model: 'tiny', messages: MESSAGES })
    return (await stream.finalChatCompletion()).choices[0]?.message.content ?? ''
  },
  'openai, chunks': async (url, defaultHeaders) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0, defaultHeaders })
    let text = ''
    for await (const { choices } of await client.chat.completions.create({
      model: 'tiny',
      messages: MESSAGES,
      stream: true,
    })) {
      for (const { delta } of choices) text += delta.content ?? ''
    }
    return text
  },
  'openai, responses': async (url, defaultHeaders) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0, defaultHeaders })
    const { output_text, model } = await client.responses.stream({ model: 'tiny', input: 'hello' }).finalResponse()
    assert.equal(model, FAKE_START.model, 'the model that served')
    return output_text
  },
  'anthropic, messages': async (baseURL, defaultHeaders) => {
    const client = new Anthropic({ baseURL, apiKey: 'none', maxRetries: 0, defaultHeaders })
    return client.messages.stream({ model: 'tiny', max_tokens: 9, messages: MESSAGES }).finalText()
  },
}

describe('while an answer waits', () => {
  let started: StartedGateway
  let clock: ManualClock
  let pulled: PromiseWithResolvers<void>
  let free: PromiseWithResolvers<void>

  beforeEach(async () => {
    clock = new ManualClock()
    started = await startGateway({}, { clock })
    pulled = Promise.withResolvers()
    free = Promise.withResolvers()
    started.node.script = async function* () {
      yield { kind: 'queued', position: 2, estimatedWaitMs: 9_000 }
      pulled.resolve()
      await free.promise
      yield { kind: 'queued', position: 1, estimatedWaitMs: 4_000 }
      yield FAKE_START
      yield { kind: 'progress', fraction: 0.5, note: 'the model is loaded' }
      yield { kind: 'text', text: 'Hello' }
      yield { kind: 'end', finishReason: 'stop', usage: { promptTokens: 5, completionTokens: 1 } }
    }
  })
  afterEach(() => started.gateway.stop())

  for (const [name, ask] of Object.entries(PROGRAMS)) {
    it(`${name}: skips the comments`, async () => {
      const answer = ask(started.gateway.url, {})
      await pulled.promise
      clock.advance(PING_EVERY_MS) // the head goes out, and what is told from now on are comments
      free.resolve()
      assert.equal(await answer, 'Hello')
    })

    it(`${name}: reads the same beside events that it asked for`, async () => {
      free.resolve()
      assert.equal(await ask(started.gateway.url, { 'x-realmesh-events': 'queue' }), 'Hello')
    })
  }
})
