/** The OpenAI client for Node, as its README shows it. */
import OpenAI from 'openai'
import { serve, versionOf } from './serve.mjs'

const client = ({ base, key = 'none', headers }) =>
  new OpenAI({ baseURL: base, apiKey: key, defaultHeaders: headers ?? {} })

function chatBody({ model, prompt, maxTokens, schema, effort, image }) {
  const content = image === undefined ? prompt : [{ type: 'text', text: prompt }, picture(image)]
  return {
    model,
    messages: [{ role: 'user', content }],
    temperature: 0,
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...(schema !== undefined && {
      response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
    }),
  }
}

function picture(url) {
  return { type: 'image_url', image_url: { url, detail: 'low' } }
}

async function chat(task) {
  const { choices, realmesh } = await client(task).chat.completions.create(chatBody(task))
  const [{ message }] = choices
  return { text: message.content, reasoning: message.reasoning_content, receipt: realmesh?.receipt }
}

async function stream(task) {
  const events = client(task).chat.completions.stream({ ...chatBody(task), stream_options: { include_usage: true } })
  let pieces = 0
  events.on('content', () => {
    pieces += 1
  })
  return { text: await events.finalContent(), pieces }
}

async function schema(task) {
  const { choices } = await client(task).chat.completions.parse(chatBody(task))
  return { object: choices[0].message.parsed ?? JSON.parse(choices[0].message.content) }
}

/** The client calls the tools and answers for them by itself. */
async function tools({ model, prompt, tools: names, result, base }) {
  const calls = []
  const made = names.map((name) => ({
    type: 'function',
    function: {
      name,
      parse: JSON.parse,
      parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
      function: (given) => {
        calls.push({ name, arguments: given })
        return result
      },
    },
  }))
  const messages = [{ role: 'user', content: prompt }]
  const runner = client({ base }).chat.completions.runTools({ model, messages, tools: made, stream: true })
  return { text: await runner.finalContent(), calls }
}

async function embeddings(task) {
  const { data } = await client(task).embeddings.create({ model: task.model, input: task.inputs })
  return { vectors: data.map(({ embedding }) => embedding) }
}

async function completions(task) {
  const body = { model: task.model, prompt: task.prompt, max_tokens: task.maxTokens, temperature: 0 }
  return { text: (await client(task).completions.create(body)).choices[0].text }
}

async function models(task) {
  const names = []
  for await (const { id } of client(task).models.list()) names.push(id)
  return { models: names, one: (await client(task).models.retrieve(task.model)).id }
}

async function abort(task) {
  const events = await client(task).chat.completions.create({ ...chatBody(task), stream: true })
  let pieces = 0
  for await (const { choices } of events) {
    if (choices[0]?.delta.content) pieces += 1
    if (pieces === 1) break
  }
  return { pieces }
}

await serve(
  versionOf('openai'),
  { chat, stream, schema, tools, vision: chat, reasoning: chat, embeddings, completions, models, abort },
  ({ status, code }) => ({ status, code }),
)
