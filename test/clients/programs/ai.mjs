/** The AI SDK, by the provider that the caller names: what both have in common. */
import { embedMany, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai'

function settings({ prompt, maxTokens, effort, image }, provider) {
  const content =
    image === undefined
      ? prompt
      : [
          { type: 'text', text: prompt },
          { type: 'image', image },
        ]
  return {
    messages: [{ role: 'user', content }],
    temperature: 0,
    maxOutputTokens: maxTokens,
    ...(effort !== undefined && { providerOptions: { [provider]: { reasoningEffort: effort } } }),
  }
}

/** The features; `chatModel`, `textModel` and `vectorModel` make a model of the provider from a task. */
export function aiFeatures({ provider, chatModel, textModel, vectorModel }) {
  async function chat(task) {
    const answer = await generateText({ model: chatModel(task), ...settings(task, provider) })
    const { text, reasoningText, response } = answer
    return { text, reasoning: reasoningText, receipt: response.body?.realmesh?.receipt }
  }

  async function stream(task) {
    const { textStream, text } = streamText({ model: chatModel(task), ...settings(task, provider) })
    let pieces = 0
    for await (const _piece of textStream) pieces += 1
    return { text: await text, pieces }
  }

  async function schema(task) {
    const { output } = await generateText({
      model: chatModel(task),
      ...settings(task, provider),
      output: Output.object({ schema: jsonSchema(task.schema) }),
    })
    return { object: output }
  }

  async function tools({ prompt, tools: names, result, ...task }) {
    const calls = []
    const inputSchema = jsonSchema({ type: 'object', properties: { place: { type: 'string' } }, required: ['place'] })
    const made = names.map((name) => {
      const execute = (input) => {
        calls.push({ name, arguments: input })
        return result
      }
      return [name, tool({ description: name, inputSchema, execute })]
    })
    const answer = streamText({
      model: chatModel(task),
      prompt,
      tools: Object.fromEntries(made),
      stopWhen: stepCountIs(3),
    })
    return { text: await answer.text, calls }
  }

  async function embeddings(task) {
    const { embeddings: vectors } = await embedMany({ model: vectorModel(task), values: task.inputs })
    return { vectors }
  }

  async function completions({ prompt, maxTokens, ...task }) {
    const { text } = await generateText({ model: textModel(task), prompt, maxOutputTokens: maxTokens, temperature: 0 })
    return { text }
  }

  async function abort(task) {
    const leave = new AbortController()
    const answer = streamText({
      model: chatModel(task),
      ...settings(task, provider),
      abortSignal: leave.signal,
      onError: () => {},
    })
    let pieces = 0
    for await (const _piece of answer.textStream) {
      pieces += 1
      leave.abort()
    }
    return { pieces }
  }

  return { chat, stream, schema, tools, vision: chat, reasoning: chat, embeddings, completions, abort }
}

/** Status and code of the SDK's exceptions. */
export function describeAiError({ statusCode, data }) {
  return { status: statusCode, code: data?.error?.code }
}
