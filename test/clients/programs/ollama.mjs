/** Ollama's own client for Node, as its README shows it. */
import { Ollama } from 'ollama'
import { serve, versionOf } from './serve.mjs'

/** Its address is that of the gateway itself. */
const client = ({ base, key = 'none', headers }) =>
  new Ollama({ host: base.replace(/\/v1$/, ''), headers: { authorization: `Bearer ${key}`, ...headers } })

function chatBody({ model, prompt, maxTokens, schema, effort, image }) {
  return {
    model,
    messages: [{ role: 'user', content: prompt, ...(image !== undefined && { images: [image.split(',')[1]] }) }],
    options: { temperature: 0, ...(maxTokens !== undefined && { num_predict: maxTokens }) },
    ...(effort !== undefined && { think: effort }),
    ...(schema !== undefined && { format: schema }),
  }
}

async function chat(task) {
  const { message, realmesh } = await client(task).chat(chatBody(task))
  return { text: message.content, reasoning: message.thinking, receipt: realmesh?.receipt }
}

async function stream(task) {
  let text = ''
  let pieces = 0
  for await (const { message } of await client(task).chat({ ...chatBody(task), stream: true })) {
    text += message.content
    if (message.content !== '') pieces += 1
  }
  return { text, pieces }
}

async function schema(task) {
  return { object: JSON.parse((await client(task).chat(chatBody(task))).message.content) }
}

/** It leaves the loop to the program. */
async function tools(task) {
  const calls = []
  const parameters = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] }
  const offered = task.tools.map((name) => ({ type: 'function', function: { name, description: name, parameters } }))
  const { messages, ...body } = chatBody(task)
  for (;;) {
    const { message } = await client(task).chat({ ...body, messages, tools: offered })
    if (!message.tool_calls?.length) return { text: message.content, calls }
    messages.push(message)
    for (const { function: called } of message.tool_calls) {
      calls.push({ name: called.name, arguments: called.arguments })
      messages.push({ role: 'tool', tool_name: called.name, content: task.result })
    }
  }
}

async function embeddings({ model, inputs, base }) {
  return { vectors: (await client({ base }).embed({ model, input: inputs })).embeddings }
}

async function completions(task) {
  const { model, options } = chatBody(task)
  return { text: (await client(task).generate({ model, options, prompt: task.prompt, raw: true })).response }
}

async function models(task) {
  const { models: listed } = await client(task).list()
  const { capabilities } = await client(task).show({ model: task.model })
  if (!capabilities.includes('completion')) throw new Error('the model is not shown as one that chats')
  return { models: listed.map(({ name }) => name) }
}

async function abort(task) {
  let pieces = 0
  const answer = await client(task).chat({ ...chatBody(task), stream: true })
  try {
    for await (const { message } of answer) {
      if (message.content === '') continue
      pieces += 1
      answer.abort()
    }
  } catch (error) {
    if (error.name !== 'AbortError') throw error
  }
  return { pieces }
}

await serve(
  versionOf('ollama'),
  { chat, stream, schema, tools, vision: chat, reasoning: chat, embeddings, completions, models, abort },
  ({ status_code: status }) => ({ status }),
)
