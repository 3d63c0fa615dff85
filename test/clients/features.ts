/** The columns of the matrix: what a program does with a model through the gateway. */

/** Each with its title. */
export const FEATURES = {
  chat: 'chat',
  stream: 'stream',
  tools: 'tools',
  roundTrip: 'tool round trip',
  parallel: 'parallel calls',
  schema: 'json_schema',
  vision: 'vision',
  reasoning: 'reasoning',
  embeddings: 'embeddings',
  completions: 'completions',
  models: 'models',
  abort: 'abort reaches the engine',
  receipts: 'receipt',
  wrongModel: 'wrong model',
  badRequest: 'bad request',
  wrongKey: 'wrong key',
  tooLong: 'context too long',
  refused: 'refused request',
} as const

export type Feature = keyof typeof FEATURES

/** The features that are errors, which a program must tell by its own exception and without asking again. */
export type Failure = 'wrongModel' | 'badRequest' | 'wrongKey' | 'tooLong' | 'refused'

/** How a program is tried. */
export interface ClientSpec {
  /** As its users call it; its version comes from the program itself. */
  readonly name: string
  /** The file in `programs/`. */
  readonly program: string
  /** Features that the program itself does not have, or keeps from its users, with the reason. */
  readonly lacks: Partial<Record<Feature, string>>
  /** Name of the exception for each failure that the program does not lack. */
  readonly errors: Partial<Record<Failure, string>>
  /**
   * Whether the program writes prompts and limits of its own, so that its answer is held against what the stand-in
   * engine was asked. @default false
   */
  readonly ownPrompts?: boolean
  /** The text that the program itself makes of a prompt to be continued. @default the prompt */
  readonly framedPrompt?: (prompt: string) => string
  /**
   * Whether what a query fails with is told within an answer of status 200. @default false
   */
  readonly failsWithin?: boolean
  /**
   * Whether its API lists models that chat, and no others. @default false
   */
  readonly listsChats?: boolean
  /**
   * The word of the API's own that the program shows for each failure. @default those of OpenAI's
   */
  readonly codes?: Readonly<Record<Failure, string>>
}
