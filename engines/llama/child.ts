/**
 * The process that holds llama.cpp. A crash of native code ends this process and not the node, and its threads do not
 * delay the node's event loop. It ends when its parent is gone.
 */
import { defined } from '../../core/defined.ts'
import { messageOf } from '../../core/thrown.ts'
import '../../core/node20-shim.ts'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import process from 'node:process'
import type { FinishReason } from '../../core/query/query-event.ts'
import type { ErrorCode } from '../../core/realmesh-error.ts'
import type {
  Llama,
  LlamaChatWrapper,
  LlamaChunk,
  LlamaContext,
  LlamaEmbeddingContext,
  LlamaHistoryItem,
  LlamaModel,
  LlamaModule,
} from './llama-module.ts'
import type {
  FromLlama,
  LlamaChatRequest,
  LlamaEmbedRequest,
  LlamaInfo,
  LlamaSettings,
  LlamaTurn,
  ToLlama,
} from './messages.ts'

interface Loaded {
  readonly settings: LlamaSettings
  readonly module: LlamaModule
  readonly llama: Llama
  readonly model: LlamaModel
  readonly context: LlamaContext
  readonly wrappers: Wrappers
  embedding: Promise<LlamaEmbeddingContext> | undefined
}

/** The chat template for an answer from its start, and for one that goes on in the middle. */
interface Wrappers {
  readonly fresh: LlamaChatWrapper
  readonly continued: LlamaChatWrapper
}

/** llama.cpp's words to ours; what is not listed is `stop`. */
const FINISH_REASONS: Readonly<Record<string, FinishReason>> = { maxTokens: 'length' }

/** Room for an answer, when the query sets no limit: the rest of the context, less what the engine keeps for itself. */
const RESERVED_TOKENS = 16

const running = new Map<number, AbortController>()
let loaded: Loaded | undefined

function send(message: FromLlama): void {
  if (process.connected) process.send?.(message)
}

async function load(settings: LlamaSettings): Promise<void> {
  const module = await moduleOf(settings)
  const { threads, sequences } = settings
  const gpu = settings.gpu ? 'auto' : false
  const llama = await module.getLlama({
    gpu,
    build: 'never',
    skipDownload: true,
    maxThreads: threads,
    logLevel: 'error',
  })
  const model = await llama.loadModel({
    modelPath: settings.modelFile,
    onLoadProgress: tellEachPercent,
  })
  const contextSize = Math.min(settings.contextSize, model.trainContextSize)
  const context = await model.createContext({ sequences, contextSize, threads })
  loaded = { settings, module, llama, model, context, wrappers: wrappersOf(module, model), embedding: undefined }
  const info = { contextLength: context.contextSize, sequences: context.totalSequences, ...told(model) }
  send({ type: 'ready', info })
  digestOf(settings.modelFile).then(
    (digest) => send({ type: 'digest', digest }),
    () => {}, // the model is loaded, whatever became of its file
  )
}

/** What the file says of itself, for receipts. */
function told({ fileInfo, typeDescription = '' }: LlamaModel): Partial<LlamaInfo> {
  const template = fileInfo?.metadata?.tokenizer?.chat_template
  const [, quantization] = /\d[\d.]*[A-Z]?\s+(\S.*)$/.exec(typeDescription) ?? [] // such as "llama 135M Q4_1"
  return defined({ template, quantization })
}

/** Behind the start: the hash of a large file takes seconds. */
async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer)
  return hash.digest('hex')
}

let toldPercent = -1

/** The library tells of each of hundreds of tensors. */
function tellEachPercent(fraction: number): void {
  const percent = Math.floor(fraction * 100)
  if (percent === toldPercent) return
  toldPercent = percent
  send({ type: 'loading', fraction: percent / 100 })
}

async function moduleOf({ module }: LlamaSettings): Promise<LlamaModule> {
  try {
    return (await import(module)) as LlamaModule
  } catch (cause) {
    throw new MissingError('the library cannot be imported', { cause })
  }
}

/**
 * The library drops white space at the start of what it generates; in the middle of an answer that would glue two words
 * together.
 */
function wrappersOf(module: LlamaModule, model: LlamaModel): Wrappers {
  const continued = module.resolveChatWrapper(model)
  const original = continued.generateContextState.bind(continued)
  continued.generateContextState = (options) => {
    const { ignoreStartText: _dropped, ...state } = original(options)
    return state
  }
  return { fresh: module.resolveChatWrapper(model), continued }
}

function historyOf(turns: readonly LlamaTurn[], prefill: string | undefined): readonly LlamaHistoryItem[] {
  const items = turns.map(
    ({ role, text }): LlamaHistoryItem =>
      role === 'assistant' ? { type: 'model', response: [text] } : { type: role, text },
  )
  // The library goes on behind the last answer of the history.
  return [...items, { type: 'model', response: prefill === undefined ? [] : [prefill] }]
}

async function grammarOf({ llama }: Loaded, { format, grammar }: LlamaChatRequest): Promise<unknown> {
  if (grammar !== undefined) return llama.createGrammar({ grammar })
  if (format.type === 'json') return llama.getGrammarFor('json')
  return format.type === 'json_schema' ? llama.createGrammarForJsonSchema(format.schema) : undefined
}

async function chat(at: Loaded, request: LlamaChatRequest, signal: AbortSignal): Promise<void> {
  const { id, turns, prefill } = request
  const chatWrapper = prefill === undefined ? at.wrappers.fresh : at.wrappers.continued
  const history = historyOf(turns, prefill)
  // With the template around it: what the library itself would have to shift out of the context is refused here.
  const { contextText } = chatWrapper.generateContextState({ chatHistory: history })
  const promptTokens = contextText.tokenize(at.model.tokenizer).length
  const room = roomBehind(at, promptTokens)
  const session = new at.module.LlamaChat({ contextSequence: at.context.getSequence(), chatWrapper })
  let completionTokens = 0
  try {
    const { metadata } = await session.generateResponse(history, {
      ...(await generationOf(at, request, room)),
      signal,
      stopOnAbortSignal: true,
      onResponseChunk: (chunk) => {
        const text = completionTokens === 0 ? beginning(at.model, chunk, prefill) : chunk.text
        completionTokens += chunk.tokens.length
        if (text !== '') send({ type: chunk.type === 'segment' ? 'reasoning' : 'text', id, text })
      },
    })
    const finishReason = FINISH_REASONS[metadata.stopReason] ?? 'stop'
    send({ type: 'end', id, finishReason, promptTokens, completionTokens })
  } finally {
    session.dispose({ disposeSequence: true })
  }
}

/** A text that is gone on with as it is. */
async function complete(at: Loaded, request: LlamaChatRequest, text: string, signal: AbortSignal): Promise<void> {
  const { id } = request
  let before = at.model.tokenize(text)
  const promptTokens = before.length
  const room = roomBehind(at, promptTokens)
  const completion = new at.module.LlamaCompletion({ contextSequence: at.context.getSequence() })
  let completionTokens = 0
  try {
    const { metadata } = await completion.generateCompletionWithMeta(text, {
      ...(await generationOf(at, request, room)),
      signal,
      stopOnAbortSignal: true,
      // Not the library's own text: it decodes the first word as if nothing stood before it, without its space.
      onToken: (tokens) => {
        const piece = at.model.detokenize(tokens, false, before)
        before = tokens
        completionTokens += tokens.length
        if (piece !== '') send({ type: 'text', id, text: piece })
      },
    })
    const finishReason = FINISH_REASONS[metadata.stopReason] ?? 'stop'
    send({ type: 'end', id, finishReason, promptTokens, completionTokens })
  } finally {
    completion.dispose({ disposeSequence: true })
  }
}

/** Tokens that can still be written. Throws when there is no room, in the context or among the places. */
function roomBehind({ context }: Loaded, promptTokens: number): number {
  const room = context.contextSize - promptTokens - RESERVED_TOKENS
  if (room <= 0) {
    const words = `the prompt has ${promptTokens} tokens, the context ${context.contextSize}`
    throw new RequestError('CONTEXT_TOO_LONG', words)
  }
  if (context.sequencesLeft === 0) throw new RequestError('ENGINE_BUSY', 'all places are taken')
  return room
}

async function generationOf(at: Loaded, request: LlamaChatRequest, room: number): Promise<Record<string, unknown>> {
  const { maxTokens, temperature, topK, topP, minP, seed, stop } = request.sampling
  return {
    grammar: await grammarOf(at, request),
    maxTokens: Math.min(maxTokens ?? room, room),
    ...{ temperature, topK, topP, minP, seed },
    customStopTriggers: stop,
    repeatPenalty: penaltiesOf(request),
  }
}

/** A space in front of the first word is dropped, unless the word is decoded behind what stood before it. */
function beginning(model: LlamaModel, { text, tokens }: LlamaChunk, prefill: string | undefined): string {
  return prefill === undefined ? text : model.detokenize(tokens, false, model.tokenize(prefill))
}

/** The library penalises by default, which would change an answer behind the client's back. */
function penaltiesOf({ sampling }: LlamaChatRequest): unknown {
  const { repeatPenalty: penalty, frequencyPenalty, presencePenalty } = sampling
  if (penalty === undefined && frequencyPenalty === undefined && presencePenalty === undefined) return false
  return { penalty: penalty ?? 1, frequencyPenalty, presencePenalty }
}

async function embed(at: Loaded, { id, inputs }: LlamaEmbedRequest, signal: AbortSignal): Promise<void> {
  at.embedding ??= at.model.createEmbeddingContext({ threads: at.settings.threads })
  const context = await at.embedding
  let promptTokens = 0
  for (const input of inputs) {
    if (signal.aborted) return
    promptTokens += at.model.tokenize(input).length
    send({ type: 'vector', id, vector: [...(await context.getEmbeddingFor(input)).vector] })
  }
  send({ type: 'end', id, finishReason: 'stop', promptTokens, completionTokens: 0 })
}

/** What this process refuses itself; the rest is a failure of the library. */
class RequestError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** llama.cpp cannot be imported. */
class MissingError extends Error {}

async function serve(request: LlamaChatRequest | LlamaEmbedRequest): Promise<void> {
  const { id } = request
  const cancel = new AbortController()
  running.set(id, cancel)
  try {
    if (loaded === undefined) throw new Error('no model is loaded')
    if (request.type === 'chat' && request.raw !== undefined) {
      await complete(loaded, request, request.raw, cancel.signal)
    } else if (request.type === 'chat') await chat(loaded, request, cancel.signal)
    else await embed(loaded, request, cancel.signal)
  } catch (error) {
    const code = error instanceof RequestError ? error.code : 'ENGINE_FAILED'
    send({ type: 'error', id, code, message: messageOf(error) })
  } finally {
    running.delete(id)
  }
}

process.on('message', (message: ToLlama) => {
  if (message.type === 'cancel') running.get(message.id)?.abort()
  else if (message.type === 'load') {
    load(message.settings).catch((error: unknown) => {
      send({ type: 'unusable', missing: error instanceof MissingError, message: messageOf(error) })
    })
  } else void serve(message)
})
process.once('disconnect', () => process.exit(0))
