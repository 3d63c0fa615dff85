/** What must come of each feature, whatever program asks: one row per feature. */
import assert from 'node:assert/strict'
import type { RouteReceipt } from '../../core/query/receipt.ts'
import { eventually } from '../support/daemon.ts'
import { directOpenAi } from '../support/real/real-engine.ts'
import type { Ask, ClientError, Outcome } from './client-program.ts'
import type { ClientSpec, Failure, Feature } from './features.ts'
import { CONTEXT, type Federation, MODELS } from './federation.ts'

export interface Trial {
  readonly federation: Federation
  readonly spec: ClientSpec
  /** Lets the program do it, at the gateway itself unless another address is given. */
  run(ask: Ask): Promise<Outcome>
}

const PROMPT = 'Write two short sentences about the sea.'
const MAX_TOKENS = 24
/** Enough for an object, which is all that some programs ask for. */
const OBJECT_TOKENS = 60
const PLACE = 'Łódź 🚀'
const RESULT = 'fine'
/** Longer than any model is called. */
const ENDLESS_NAME = 'x'.repeat(2_000)
/** A red dot. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg=='
/** Of a closed list each, so that the small model comes to an end. */
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Paris', 'Rome'] }, capital: { type: 'boolean' } },
  required: ['city', 'capital'],
  additionalProperties: false,
}
/** A schema that the engine refuses: it cannot find what is pointed to. */
const IMPOSSIBLE = { type: 'object', properties: { city: { $ref: '#/nope/x' } } }
const INPUTS = ['a boat on the sea', 'a rig in the cellar'] as const
/** Vectors travel as 32-bit floats. */
const SAME = 1e-6

async function answer({ run, federation, spec }: Trial, more: Partial<Ask> = {}): Promise<Record<string, unknown>> {
  const model = spec.ownPrompts === true ? MODELS.able : MODELS.chat
  const value = came(await run({ model, prompt: PROMPT, maxTokens: MAX_TOKENS, ...more }))
  const own = spec.ownPrompts === true ? federation.lastAnswer() : await federation.ownAnswer(PROMPT, MAX_TOKENS)
  assert.equal(plain(value['text']), plain(own))
  return value
}

/** Runs the program with `tools`, of which each is called, and answered, once. What it says in the end. */
async function toolTurns({ run }: Trial, tools: readonly string[]): Promise<unknown> {
  const value = came(await run({ model: MODELS.able, prompt: 'How is it there?', tools, result: RESULT }))
  const calls = value['calls'] as readonly { name: string; arguments: unknown }[]
  assert.deepEqual(
    calls.map(({ name }) => name),
    tools,
  )
  for (const call of calls) assert.deepEqual(call.arguments, { place: PLACE })
  return value['text']
}

/** What the program says of the calls comes back to the engine whole, and its last answer to the user. */
async function toolRound(trial: Trial, tools: readonly string[]): Promise<void> {
  const { federation } = trial
  assert.equal(plain(await toolTurns(trial, tools)), plain(federation.lastAnswer()))
  const messages = federation.lastAsked()['messages'] as readonly HistoryMessage[]
  const asked = messages.flatMap(({ tool_calls = [] }) => tool_calls)
  const results = messages.filter(({ role }) => role === 'tool')
  assert.deepEqual(results.map((message) => message.tool_call_id).toSorted(), asked.map(({ id }) => id).toSorted())
  assert.equal(new Set(asked.map(({ id }) => id)).size, tools.length)
  for (const { content } of results) assert.match(JSON.stringify(content), new RegExp(RESULT))
}

interface HistoryMessage {
  readonly role: string
  readonly content?: unknown
  readonly tool_call_id?: string
  readonly tool_calls?: readonly { readonly id: string }[]
}

/** Lets the program be refused with `status`, once, and compares its exception. */
async function failure(trial: Trial, kind: Failure, status: number, ask: Ask): Promise<ClientError> {
  const { federation, spec } = trial
  const door = kind === 'wrongKey' ? federation.keyedDoor : federation.door
  door.taken()
  const { error, value } = await trial.run({ base: `${door.url}/v1`, ...ask })
  assert.ok(error, `no exception: ${JSON.stringify(value)}`)
  const within = spec.failsWithin === true && kind !== 'wrongKey'
  const refused = door.taken().filter((each) => !within || each >= 300)
  assert.deepEqual(refused, within ? [] : [status], `not asked once: ${JSON.stringify(error)}`)
  if (error.status !== null) assert.equal(error.status, status)
  assert.equal(error.name, spec.errors[kind], error.message)
  if (error.code !== null) assert.equal(error.code, (spec.codes ?? OPENAI_CODES)[kind])
  return error
}

/** `error.code` in OpenAI's shape. */
const OPENAI_CODES: Readonly<Record<Failure, string>> = {
  wrongModel: 'model_not_found',
  badRequest: 'bad_request',
  wrongKey: 'invalid_api_key',
  tooLong: 'context_length_exceeded',
  refused: 'bad_request',
}

/** Some programs break lines anew. */
function plain(text: unknown): string {
  return String(text).trim().replace(/\s+/g, ' ')
}

function came({ value, error }: Outcome): Readonly<Record<string, unknown>> {
  assert.ok(value, JSON.stringify(error))
  return value
}

export const EXPECTATIONS: Readonly<Record<Feature, (trial: Trial) => Promise<void>>> = {
  chat: async (trial) => {
    await answer(trial)
  },

  stream: async (trial) => {
    // The stand-in is so fast that its answer would come in one piece.
    const { able } = trial.federation
    const { knobs } = able
    if (trial.spec.ownPrompts === true) able.knobs = { ...knobs, tokenMs: 20 }
    const { pieces } = await answer(trial)
    able.knobs = knobs
    assert.ok(Number(pieces) > 5, `${String(pieces)} pieces`)
  },

  tools: async (trial) => {
    await toolTurns(trial, ['weather'])
  },

  roundTrip: (trial) => toolRound(trial, ['weather']),

  parallel: async (trial) => {
    await toolTurns(trial, ['weather', 'time'])
    if (trial.spec.lacks.roundTrip === undefined) await toolRound(trial, ['weather', 'time'])
  },

  schema: async ({ run }) => {
    const { object } = came(await run({ model: MODELS.chat, prompt: PROMPT, maxTokens: OBJECT_TOKENS, schema: SCHEMA }))
    const { city, capital, ...rest } = object as Record<string, unknown>
    assert.ok(city === 'Paris' || city === 'Rome', JSON.stringify(object))
    assert.equal(typeof capital, 'boolean')
    assert.deepEqual(rest, {})
  },

  vision: async ({ run, federation }) => {
    const image = `data:image/png;base64,${PICTURE}`
    const { text } = came(await run({ model: MODELS.able, prompt: 'What is this?', image }))
    assert.equal(plain(text), plain(federation.lastAnswer()))
    assert.match(JSON.stringify(federation.lastAsked()), /data:image\/png;base64,iVBORw0KGgo/)
  },

  reasoning: async (trial) => {
    const { run, federation } = trial
    const { text, reasoning } = came(await run({ model: MODELS.able, prompt: PROMPT, effort: 'low' }))
    assert.equal(plain(text), plain(federation.lastAnswer()))
    assert.equal(String(reasoning).trim(), 'hm,')
    await answer(trial, { effort: 'low' }) // a wish that a plain model lets lie
  },

  embeddings: async ({ run, federation }) => {
    const vectors = came(await run({ model: MODELS.embed, inputs: INPUTS }))['vectors'] as number[][]
    const own = await federation.ownVectors(INPUTS)
    assert.equal(vectors.length, own.length)
    for (const [i, vector] of own.entries()) {
      assert.equal(vectors[i]?.length, vector.length)
      for (const [k, number] of vector.entries()) assert.ok(Math.abs(number - (vectors[i]?.[k] ?? 9)) < SAME)
    }
  },

  completions: async ({ run, federation, spec: { framedPrompt = (prompt) => prompt } }) => {
    const prompt = 'The capital of France is'
    const { text } = came(await run({ model: MODELS.chat, prompt, maxTokens: 10 }))
    assert.equal(String(text), await federation.ownCompletion(framedPrompt(prompt), 10))
  },

  models: async ({ run, spec: { listsChats = false } }) => {
    const { models, one } = came(await run({ model: MODELS.chat }))
    for (const model of Object.values(MODELS)) {
      assert.equal((models as string[]).includes(model), !(listsChats && model === MODELS.embed), model)
    }
    if (one !== undefined) assert.equal(one, MODELS.chat)
  },

  abort: async ({ run, federation }) => {
    const before = federation.slow.journal.count('cancel')
    came(await run({ model: MODELS.slow, prompt: PROMPT }))
    await eventually('the engine is told to stop', () => federation.slow.journal.count('cancel') > before, 30_000)
  },

  receipts: async ({ run, federation, spec }) => {
    const id = `of-${spec.program.replace(/[^a-z]/g, '-')}-${Date.now()}`
    const headers = { 'x-realmesh-query-id': id, 'x-realmesh-receipt': '1' }
    const value = came(await run({ model: MODELS.chat, prompt: PROMPT, maxTokens: OBJECT_TOKENS, headers }))
    const receipt = await federation.receipt(id)
    const attempt = receipt.attempts.at(-1)
    const served = [receipt.verified, attempt?.served?.node, attempt?.served?.model, attempt?.served?.engine]
    assert.deepEqual(served, ['yes', federation.rig, MODELS.chat, 'llama-server'])
    if (value['receipt'] === undefined) return // the program hides what its API does not have
    assert.deepEqual((value['receipt'] as RouteReceipt).attempts.at(-1)?.served?.signature, attempt?.served?.signature)
  },

  wrongModel: async (trial) => {
    await failure(trial, 'wrongModel', 404, { model: 'acme/smol:136m', prompt: PROMPT })
  },

  badRequest: async (trial) => {
    await failure(trial, 'badRequest', 400, { model: ENDLESS_NAME, prompt: PROMPT })
  },

  wrongKey: async (trial) => {
    const { federation, run } = trial
    const ask = { model: MODELS.chat, prompt: PROMPT, maxTokens: OBJECT_TOKENS }
    await failure(trial, 'wrongKey', 401, { ...ask, key: 'sk-of-another-house' })
    came(await run({ ...ask, base: `${federation.keyedDoor.url}/v1`, key: federation.key }))
  },

  tooLong: async (trial) => {
    // Just over what the model holds, and far over it: the estimate of the first is within its margin.
    for (const words of [CONTEXT + 50, 3 * CONTEXT]) {
      const prompt = ' word'.repeat(words)
      await failure(trial, 'tooLong', 400, { model: MODELS.chat, prompt, maxTokens: 5 })
    }
  },

  refused: async (trial) => {
    for (let i = 0; i < 4; i += 1) {
      await failure(trial, 'refused', 400, { model: MODELS.chat, prompt: PROMPT, schema: IMPOSSIBLE })
    }
    // Nobody else has lost the model.
    await directOpenAi({ url: trial.federation.base.replace(/\/v1$/, ''), stop: async () => {} }, MODELS.chat, {
      prompt: PROMPT,
      maxTokens: 2,
    })
  },
}
