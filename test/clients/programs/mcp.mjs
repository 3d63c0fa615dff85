/** The Model Context Protocol's own client for Node: the swarm as tools of an agent. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { serve, versionOf } from './serve.mjs'

/** A tool that failed says so in its result. */
class ToolError extends Error {
  constructor({ content, _meta }) {
    super(content.map(({ text }) => text).join(' '))
    this.code = _meta?.['realmesh/error']?.code
  }
}

/** Its address is that of the gateway itself. One connection for each task. */
async function withClient({ base, key = 'none', headers }, use) {
  const client = new Client({ name: 'test', version: '1.0.0' })
  const url = new URL(base.replace(/\/v1$/, '/mcp'))
  const requestInit = { headers: { authorization: `Bearer ${key}`, ...headers } }
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }))
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

async function call(client, name, input, options) {
  const result = await client.callTool({ name, arguments: input }, options)
  if (result.isError) throw new ToolError(result)
  return result.structuredContent
}

function question({ model, prompt, maxTokens, schema, effort }) {
  return {
    model,
    prompt,
    temperature: 0,
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(schema !== undefined && { schema }),
    ...(effort !== undefined && { effort }),
  }
}

function chat(task) {
  return withClient(task, async (client) => {
    const { text, reasoning } = await call(client, 'ask', question(task))
    return { text, reasoning }
  })
}

function schema(task) {
  return withClient(task, async (client) => ({ object: (await call(client, 'ask', question(task))).json }))
}

function vision(task) {
  return withClient(task, async (client) => {
    const { text } = await call(client, 'see', { ...question(task), images: [task.image] })
    return { text }
  })
}

function models(task) {
  return withClient(task, async (client) => {
    const { models: listed } = await call(client, 'swarm_status', {})
    return { models: listed.map(({ name }) => name) }
  })
}

/** It leaves at the first word of how the work goes. */
function abort(task) {
  return withClient(task, async (client) => {
    const leave = new AbortController()
    const options = { signal: leave.signal, onprogress: () => leave.abort() }
    try {
      await call(client, 'ask', question(task), options)
    } catch (error) {
      if (!leave.signal.aborted) throw error
    }
    return { left: leave.signal.aborted }
  })
}

await serve(
  versionOf('@modelcontextprotocol/client'),
  { chat, schema, vision, reasoning: chat, models, abort },
  (error) => (error instanceof ToolError ? { code: error.code } : { status: error.status ?? error.data?.status }),
)
