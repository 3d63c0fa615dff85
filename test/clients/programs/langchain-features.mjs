/** LangChain for Node, by the API that the caller names: what both have in common. */
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { ChatOpenAI, OpenAI, OpenAIEmbeddings } from '@langchain/openai'

function model({ base, model: name, maxTokens, effort, key = 'none', headers }, more) {
  return new ChatOpenAI({
    model: name,
    apiKey: key,
    temperature: 0,
    configuration: { baseURL: base, defaultHeaders: headers ?? {} },
    ...(maxTokens !== undefined && { maxTokens }),
    ...(effort !== undefined && { modelKwargs: { reasoning_effort: effort } }),
    ...more,
  })
}

function question({ prompt, image }) {
  if (image === undefined) return [new HumanMessage(prompt)]
  const parts = [
    { type: 'text', text: prompt },
    { type: 'image_url', image_url: { url: image } },
  ]
  return [new HumanMessage({ content: parts })]
}

/** The features of a model that is made with `more` fields. */
export function langchainFeatures(more) {
  async function chat(task) {
    const { text, additional_kwargs: kwargs } = await model(task, more).invoke(question(task))
    return { text, reasoning: kwargs.reasoning_content }
  }

  async function stream(task) {
    let text = ''
    let pieces = 0
    for await (const chunk of await model(task, more).stream(question(task))) {
      text += chunk.text
      pieces += 1
    }
    return { text, pieces }
  }

  async function schema(task) {
    return {
      object: await model(task, more).withStructuredOutput(task.schema, { name: 'answer' }).invoke(question(task)),
    }
  }

  async function tools(task) {
    const parameters = { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] }
    const made = task.tools.map((name) => ({ type: 'function', function: { name, description: name, parameters } }))
    const able = model(task, more).bindTools(made)
    const first = await able.invoke(question(task))
    const results = first.tool_calls.map(({ id }) => new ToolMessage({ tool_call_id: id, content: task.result }))
    const last = await able.invoke([...question(task), first, ...results])
    return { text: last.text, calls: first.tool_calls.map(({ name, args }) => ({ name, arguments: args })) }
  }

  async function embeddings({ base, model: name, inputs }) {
    const maker = new OpenAIEmbeddings({ model: name, apiKey: 'none', configuration: { baseURL: base } })
    return { vectors: await maker.embedDocuments(inputs) }
  }

  async function completions({ base, model: name, prompt, maxTokens }) {
    const init = { model: name, apiKey: 'none', temperature: 0, maxTokens, configuration: { baseURL: base } }
    return { text: await new OpenAI(init).invoke(prompt) }
  }

  async function abort(task) {
    const leave = new AbortController()
    let pieces = 0
    try {
      for await (const chunk of await model(task, more).stream(question(task), { signal: leave.signal })) {
        if (chunk.text !== '') pieces += 1
        if (pieces === 1) leave.abort()
      }
    } catch (error) {
      if (!leave.signal.aborted) throw error
    }
    return { pieces }
  }

  return { chat, stream, schema, tools, vision: chat, reasoning: chat, embeddings, completions, abort }
}

/** Status and code of its exceptions. */
export const describeLangchainError = ({ status, code }) => ({ status, code })
