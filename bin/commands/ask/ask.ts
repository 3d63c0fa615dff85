/** `realmesh ask PROMPT`: the answer to stdout as it comes, who gave it and how fast to stderr. */

import type { IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'
import { cleanLines } from '../../../core/clean-text.ts'
import { defined } from '../../../core/defined.ts'
import { didYouMean } from '../../../core/nearest.ts'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { type Invocation, type RunCommand, scopeFlag, textFlag } from '../../cli/command.ts'
import type { CommandContext } from '../../cli/context.ts'
import { EXIT } from '../../cli/exit-codes.ts'
import { readStdin, type StdinText } from '../../cli/read-stdin.ts'
import { shortId } from '../../cli/text-table.ts'
import { GatewayClient, traced } from '../../client/gateway-client.ts'
import { errorOf } from '../../client/gateway-error.ts'
import { nodeNames, type ShowNode } from '../../client/node-names.ts'

/** Above the gateway's own bound a prompt is refused there, with the true limit. */
const PROMPT: StdinText = { what: 'the prompt', maxBytes: 32 * 2 ** 20, tooLong: 'PROMPT_TOO_LARGE' }

export const run: RunCommand = async (invocation) => {
  const { context, flags, home } = invocation
  const prompt = await promptOf(invocation)
  const scope = scopeFlag(flags)
  const model = textFlag(flags, 'model') ?? 'auto'
  const client = await GatewayClient.connect(home, context.env)
  const leave = new AbortController()
  const onInterrupt = (): void => leave.abort()
  process.once('SIGINT', onInterrupt)
  try {
    const reply = await client.open('/v1/chat/completions', {
      method: 'POST',
      body: {
        model,
        messages: [{ role: 'user', content: prompt }],
        stream: true,
        stream_options: { include_usage: true },
      },
      headers: defined({ 'x-realmesh-scope': scope }),
      signal: leave.signal,
    })
    await printAnswer(reply, context, { json: flags['json'] === true, client })
    return EXIT.ok
  } catch (error) {
    if (!leave.signal.aborted) throw await withNearest(error, model, client)
    context.err('\n')
    return EXIT.interrupted
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}

/** A model that is not there, with the one that was meant, most likely. */
async function withNearest(error: unknown, model: string, client: GatewayClient): Promise<unknown> {
  if (!(error instanceof RealmeshError) || error.code !== 'MODEL_NOT_FOUND') return error
  const listed = (await client.json('/api/models').catch(() => ({ models: [] }))) as ModelList
  const near = didYouMean(
    model,
    listed.models.map((row) => row.model.name),
  )
  if (near === undefined || error.fix?.includes(near) === true) return error
  const fix = error.fix === undefined ? near : `${near} ${error.fix}`
  return new RealmeshError(error.code, error.message, { fix, cause: error })
}

interface ModelList {
  readonly models: readonly { readonly model: { readonly name: string } }[]
}

async function promptOf({ args, context }: Invocation): Promise<string> {
  const fromStdin = args.length === 0 || (args.length === 1 && args[0] === '-')
  const prompt = fromStdin ? await readStdin(context, PROMPT) : args.join(' ')
  if (prompt.trim() !== '') return prompt
  throw new RealmeshError('USAGE', 'the prompt is empty', { fix: 'realmesh ask "What is realmesh?"' })
}

/** Below it a rate says nothing about the engine. */
const SHORTEST_MEASURE_S = 0.05

/** What is built in does not compute its words: a rate of it says nothing. */
const BUILT_IN = 'builtin/'

/** The parts of OpenAI's chunk that are read here. */
interface Chunk {
  readonly model?: string
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[]
  readonly usage?: { readonly completion_tokens?: number } | null
  readonly error?: unknown
}

async function printAnswer(
  reply: IncomingMessage,
  context: CommandContext,
  { json, client }: { readonly json: boolean; readonly client: GatewayClient },
): Promise<void> {
  const startedMs = performance.now()
  let firstMs: number | undefined
  let model = ''
  let tokens = 0
  for await (const data of sseData(reply)) {
    if (data === '[DONE]') break
    const chunk = JSON.parse(data) as Chunk
    if (chunk.error !== undefined) throw traced(errorOf(chunk, reply.statusCode ?? 0), reply)
    const text = chunk.choices?.[0]?.delta?.content ?? ''
    if (text !== '') firstMs ??= performance.now()
    if (json) context.out(`${data}\n`)
    else context.out(context.outIsTty ? cleanLines(text) : text)
    model = chunk.model ?? model
    tokens = chunk.usage?.completion_tokens ?? tokens
  }
  if (!json) context.out('\n')
  const seconds = (performance.now() - (firstMs ?? startedMs)) / 1000
  const show = json ? shortId : await nodeNames(client)
  context.err(`${footer(reply, show, { model, tokens, seconds })}\n`)
}

/** Node, model, tokens per second, and how to learn more. */
function footer(
  { headers }: IncomingMessage,
  show: ShowNode,
  { model, tokens, seconds }: { readonly model: string; readonly tokens: number; readonly seconds: number },
): string {
  const node = String(headers['x-realmesh-node'] ?? '')
  const id = String(headers['x-realmesh-query'] ?? '')
  const measured = tokens > 1 && seconds > SHORTEST_MEASURE_S && !model.startsWith(BUILT_IN)
  const rate = measured ? `${((tokens - 1) / seconds).toFixed(1)} tokens/s` : ''
  const parts = [node === '' ? '' : `node ${show(node)}`, model, rate, id === '' ? '' : `realmesh trace ${id}`]
  return `[${parts.filter((part) => part !== '').join(' · ')}]`
}

/** Each event's data, as it comes. Leaving the loop early closes the stream. */
async function* sseData(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const waiting: string[] = []
  const parser = createParser({ onEvent: (event) => waiting.push(event.data) })
  for await (const chunk of stream) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* waiting.splice(0)
  }
}
