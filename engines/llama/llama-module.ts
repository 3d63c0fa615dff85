/** The part of node-llama-cpp that is used. The package is an optional peer, so its own types cannot be relied on. */

export interface LlamaModule {
  getLlama(options: {
    gpu: 'auto' | false
    build: 'never'
    skipDownload: true
    maxThreads: number
    logLevel: 'error'
  }): Promise<Llama>
  readonly LlamaChat: new (options: { contextSequence: LlamaSequence; chatWrapper: LlamaChatWrapper }) => LlamaChat
  readonly LlamaCompletion: new (options: { contextSequence: LlamaSequence }) => LlamaCompletion
  /** The model's own chat template. */
  resolveChatWrapper(model: LlamaModel): LlamaChatWrapper
}

/** Makes a prompt of a conversation; see `wrappersOf` in child.ts for what is changed. */
export interface LlamaChatWrapper {
  generateContextState(options: { readonly chatHistory: readonly LlamaHistoryItem[] }): {
    readonly contextText: { tokenize(tokenizer: LlamaTokenizer): readonly LlamaToken[] }
    readonly ignoreStartText?: unknown
  }
}

export interface Llama {
  loadModel(options: { modelPath: string; onLoadProgress: (fraction: number) => void }): Promise<LlamaModel>
  createGrammarForJsonSchema(schema: unknown): Promise<unknown>
  getGrammarFor(type: 'json'): Promise<unknown>
  createGrammar(options: { grammar: string }): Promise<unknown>
}

export type LlamaToken = number

/** Handed on as it is. */
export type LlamaTokenizer = unknown

export interface LlamaModel {
  /** What stands in the file, as far as it is used. */
  readonly fileInfo?: { readonly metadata?: { readonly tokenizer?: { readonly chat_template?: string } } }
  /** Architecture, size and quantisation. */
  readonly typeDescription?: string
  readonly trainContextSize: number
  readonly tokenizer: LlamaTokenizer
  tokenize(text: string): readonly LlamaToken[]
  /** `lastTokens` stand before the tokens and decide whether the first begins with a space. */
  detokenize(tokens: readonly LlamaToken[], specialTokens: boolean, lastTokens: readonly LlamaToken[]): string
  createContext(options: { sequences: number; contextSize: number; threads: number }): Promise<LlamaContext>
  createEmbeddingContext(options: { threads: number }): Promise<LlamaEmbeddingContext>
}

export interface LlamaContext {
  readonly contextSize: number
  readonly totalSequences: number
  readonly sequencesLeft: number
  getSequence(): LlamaSequence
}

export interface LlamaSequence {
  dispose(): void
}

export interface LlamaEmbeddingContext {
  getEmbeddingFor(text: string): Promise<{ readonly vector: readonly number[] }>
}

export type LlamaHistoryItem =
  | { readonly type: 'system' | 'user'; readonly text: string }
  | { readonly type: 'model'; readonly response: readonly string[] }

/** A piece of the answer, or of what the model thinks before it. */
export interface LlamaChunk {
  readonly type?: 'segment' | undefined
  readonly text: string
  readonly tokens: readonly LlamaToken[]
}

/** Goes on with a text as it is. */
export interface LlamaCompletion {
  generateCompletionWithMeta(
    input: string,
    options: {
      readonly signal: AbortSignal
      readonly stopOnAbortSignal: true
      readonly onToken: (tokens: readonly LlamaToken[]) => void
      readonly [option: string]: unknown
    },
  ): Promise<{ readonly metadata: { readonly stopReason: string } }>
  dispose(options: { disposeSequence: boolean }): void
}

export interface LlamaChat {
  generateResponse(
    history: readonly LlamaHistoryItem[],
    options: {
      readonly signal: AbortSignal
      readonly stopOnAbortSignal: true
      readonly onResponseChunk: (chunk: LlamaChunk) => void
      readonly [option: string]: unknown
    },
  ): Promise<{ readonly response: string; readonly metadata: { readonly stopReason: string } }>
  dispose(options: { disposeSequence: boolean }): void
}
