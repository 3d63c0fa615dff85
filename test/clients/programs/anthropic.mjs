/** The Anthropic client for Node, as its README shows it. */
import Anthropic from '@anthropic-ai/sdk'
import { serve, versionOf } from './serve.mjs'

/** It must be told how long an answer may be. */
const MAX_TOKENS = 64
/** How it asks for thoughts; the least that they may take. */
const THINKING = { thinking: { type: 'enabled', budget_tokens: 1024 } }

/** Its address is that of the gateway itself. */
const client = ({ base, key = 'none', headers }) =>
  new Anthropic({ baseURL: base.replace(/\/v1$/, ''), apiKey: key, defaultHeaders: headers ?? {} })

function question({ model, prompt, maxTokens = MAX_TOKENS, schema, effort, image }) {
  const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image?.split(',')[1] } }
  const content = image === undefined ? prompt : [{ type: 'text', text: prompt }, picture]
  return {
    model,
    max_tokens: maxTokens,
    messages: [{ role: 'user', content }],
    temperature: 0,
    ...(effort !== undefined && THINKING),
    ...(schema !== undefined && { output_config: { format: { type: 'json_schema', schema } } }),
  }
}

const textOf = ({ content }) => content.flatMap((block) => (block.type === 'text' ? block.text : [])).join('')

async function chat(task) {
  const message = await client(task).messages.create(question(task))
  const reasoning = message.content.flatMap((block) => (block.type === 'thinking' ? block.thinking : [])).join('')
  return { text: textOf(message), reasoning, receipt: message.realmesh?.receipt }
}

async function stream(task) {
  const events = client(task).messages.stream(question(task))
  let pieces = 0
  events.on('text', () => {
    pieces += 1
  })
  return { text: textOf(await events.finalMessage()), pieces }
}

async function schema(task) {
  return { object: JSON.parse(textOf(await client(task).messages.create(question(task)))) }
}

async function tools({ tools: names, result, ...task }) {
  const calls = []
  const input_schema = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] }
  const made = names.map((name) => ({ name, description: name, input_schema }))
  const { messages, ...rest } = question(task)
  for (;;) {
    const message = await client(task)
      .messages.stream({ ...rest, messages, tools: made })
      .finalMessage()
    const used = message.content.filter(({ type }) => type === 'tool_use')
    if (used.length === 0) return { text: textOf(message), calls }
    for (const { name, input } of used) calls.push({ name, arguments: input })
    const results = used.map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: result }))
    messages.push({ role: 'assistant', content: message.content }, { role: 'user', content: results })
  }
}

async function models(task) {
  const names = []
  for await (const { id } of client(task).models.list()) names.push(id)
  return { models: names, one: (await client(task).models.retrieve(task.model)).id }
}

async function abort(task) {
  const events = await client(task).messages.create({ ...question(task), stream: true })
  let pieces = 0
  for await (const { type, delta } of events) {
    if (type === 'content_block_delta' && delta.type === 'text_delta') pieces += 1
    if (pieces === 1) break
  }
  return { pieces }
}

await serve(
  versionOf('@anthropic-ai/sdk'),
  { chat, stream, schema, tools, vision: chat, reasoning: chat, models, abort },
  ({ status, error }) => ({ status, code: error?.error?.type }),
)
