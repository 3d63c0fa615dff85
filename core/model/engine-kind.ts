/**
 * The kinds of engines, a closed list. Configuration, detection and adapters go by it: engines/engine-kinds.ts has the
 * adapter of each, and the compiler finds the one that is missing.
 */

/** Where an engine runs, which says what its address is. */
export type EnginePlace =
  /** At an HTTP address that the owner names, or that is found. */
  | 'server'
  /**
   * On other people's machines, at a known address, with a key: serves scope `local` unless the owner says otherwise.
   */
  | 'cloud'
  /** In a process of the node's own; its address is the `file:` URL of the weights. */
  | 'file'
  /** At an HTTP host of another federation; realms.yml names it among `federation_hosts`, not among the workers. */
  | 'host'
  /** Inside the node, which brings it along: it has no address, and realms.yml does not name it. */
  | 'inside'

export const ENGINE_KINDS = {
  ollama: 'server',
  openai: 'server',
  'llama-server': 'server',
  vllm: 'server',
  'lm-studio': 'server',
  tgi: 'server',
  koboldcpp: 'server',
  localai: 'server',
  speaches: 'server',
  kokoro: 'server',
  'whisper-cpp': 'server',
  piper: 'server',
  anthropic: 'cloud',
  huggingface: 'cloud',
  rentahal: 'server',
  'rentahal-vision': 'server',
  'rentahal-host': 'host',
  automatic1111: 'server',
  comfyui: 'server',
  'sd-cpp': 'server',
  llama: 'file',
  'builtin/guide': 'inside',
  'builtin/image-facts': 'inside',
  'builtin/procedural': 'inside',
} as const satisfies Record<string, EnginePlace>

export type EngineKind = keyof typeof ENGINE_KINDS

type KindAt<P extends EnginePlace> = { [K in EngineKind]: (typeof ENGINE_KINDS)[K] extends P ? K : never }[EngineKind]

/** A kind that an owner can name. */
export type NamedEngineKind = KindAt<'server' | 'cloud' | 'file'>

/** A kind that the node brings along. */
export type BuiltinKind = KindAt<'inside'>

const ALL = Object.keys(ENGINE_KINDS) as readonly EngineKind[]

/** The kinds that an owner can name. */
export const NAMED_ENGINE_KINDS = ALL.filter(
  (kind) => !isBuiltinKind(kind) && ENGINE_KINDS[kind] !== 'host',
) as readonly NamedEngineKind[]

/** The kinds that the node brings along. */
export const BUILTIN_KINDS = ALL.filter(isBuiltinKind)

/** Whether the engine runs inside the node. */
export function isBuiltinKind(kind: EngineKind): kind is BuiltinKind {
  return ENGINE_KINDS[kind] === 'inside'
}

/** Whether queries to this kind leave the owner's machines. */
export function isCloudKind(kind: EngineKind): boolean {
  return ENGINE_KINDS[kind] === 'cloud' || ENGINE_KINDS[kind] === 'host'
}

/** Whether the text is a kind that an owner can name. */
export function isNamedEngineKind(text: string): text is NamedEngineKind {
  return (NAMED_ENGINE_KINDS as readonly string[]).includes(text)
}
