/** The OpenAI client for Node by the Responses API, as its README shows it. */
import OpenAI from 'openai'
import { serve, versionOf } from './serve.mjs'

const client = ({ base, key = 'none', headers }) =>
  new OpenAI({ baseURL: base, apiKey: key, defaultHeaders: headers ?? {} })

function question({ model, prompt, maxTokens, schema, effort, image }) {
  const parts = [
    { type: 'input_text', text: prompt },
    { type: 'input_image', image_url: image, detail: 'low' },
  ]
  return {
    model,
    input: image === undefined ? prompt : [{ role: 'user', content: parts }],
    temperature: 0,
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...(effort !== undefined && { reasoning: { effort } }),
    ...(schema !== undefined && { text: { format: { type: 'json_schema', name: 'answer', strict: true, schema } } }),
  }
}

function thoughtsOf({ output }) {
  return output.flatMap((item) => (item.type === 'reasoning' ? item.content.map(({ text }) => text) : [])).join('')
}

async function chat(task) {
  const response = await client(task).responses.create(question(task))
  return { text: response.output_text, reasoning: thoughtsOf(response), receipt: response.realmesh?.receipt }
}

async function stream(task) {
  const events = client(task).responses.stream(question(task))
  let pieces = 0
  events.on('response.output_text.delta', () => {
    pieces += 1
  })
  return { text: (await events.finalResponse()).output_text, pieces }
}

async function schema(task) {
  return { object: (await client(task).responses.parse(question(task))).output_parsed }
}

/** Each turn builds on the last by its id, so that only what is new is sent. */
async function tools({ tools: names, result, ...task }) {
  const calls = []
  const parameters = {
    type: 'object',
    properties: { place: { type: 'string' } },
    required: ['place'],
    additionalProperties: false,
  }
  const made = names.map((name) => ({ type: 'function', name, parameters, strict: true }))
  const asking = client(task)
  let response = await asking.responses.create({ ...question(task), tools: made })
  for (;;) {
    const called = response.output.filter(({ type }) => type === 'function_call')
    if (called.length === 0) return { text: response.output_text, calls }
    for (const { name, arguments: given } of called) calls.push({ name, arguments: JSON.parse(given) })
    const input = called.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: result }))
    response = await asking.responses.create({
      model: task.model,
      previous_response_id: response.id,
      input,
      tools: made,
    })
  }
}

async function abort(task) {
  const events = await client(task).responses.create({ ...question(task), stream: true })
  let pieces = 0
  for await (const { type } of events) {
    if (type === 'response.output_text.delta') pieces += 1
    if (pieces === 1) break
  }
  return { pieces }
}

await serve(
  `${versionOf('openai')}, responses`,
  { chat, stream, schema, tools, vision: chat, reasoning: chat, abort },
  ({ status, code }) => ({ status, code }),
)
