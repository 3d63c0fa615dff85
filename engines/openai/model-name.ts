/**
 * The name of a model: what it is called among nodes, and what it says of the model, for engines that list names and
 * nothing else. Engines that were given a file call the model by its path, which says where its owner keeps things.
 */
import type { ModelCapabilities } from '../../core/model/model.ts'
import type { QueryType } from '../../core/query/query.ts'

const PATH = /^(?:[/~]|\.\.?[/\\]|[a-z]:[/\\])/i
const GGUF = /\.gguf$/i
/** `-00001-of-00003`: the first of several files. */
const SHARD = /-\d{5}-of-\d{5}$/

/** The engine's own name, or the base name of the file or folder where that is a path. */
export function modelName(id: string): string {
  if (!PATH.test(id) && !GGUF.test(id)) return id
  const base = id.split(/[/\\]/).findLast((part) => part !== '') ?? id
  return base.replace(GGUF, '').replace(SHARD, '')
}

const RANKS = /rerank/i
const EMBEDS = /embed|(^|[/_-])(bge|gte|e5|minilm)([-_.]|$)/i
const SEES =
  /llava|vision|[-_.]vl([-_.]|$)|vlm|pixtral|minicpm-v|internvl|moondream|gemma-?3|gpt-4o|gpt-4\.1|gpt-5|claude/i
const HEARS = /whisper|parakeet|canary|moonshine|sensevoice|[-_]transcribe|(^|[/_-])(asr|stt)([-_.\d]|$)/i
const SPEAKS = /kokoro|piper|xtts|kitten-?tts|chatterbox|cosyvoice|parler|(^|[/_-])tts([-_.\d]|$)/i
const REASONS = /(^|[/_-])(qwq|r1|o[134])([-_.:]|$)|deepseek-r|qwen3|gpt-oss|gpt-5|think|reason|magistral/i

/** Query types that a model of this name serves, most likely. */
export function guessTypes(name: string, vision: boolean): readonly QueryType[] {
  if (RANKS.test(name)) return ['rerank']
  if (EMBEDS.test(name)) return ['embed']
  if (HEARS.test(name)) return ['transcribe']
  if (SPEAKS.test(name)) return ['speak']
  return vision ? ['chat', 'vision'] : ['chat']
}

/**
 * Capabilities by name; `prefill` is the engine's own. Tools and formats are taken for granted: the engine refuses in
 * its own words.
 */
export function guessCapabilities(name: string, prefill: boolean): ModelCapabilities {
  const chats = ![EMBEDS, RANKS, HEARS, SPEAKS].some((other) => other.test(name))
  return {
    vision: chats && SEES.test(name),
    tools: chats,
    reasoning: chats && REASONS.test(name),
    structured: chats,
    prefill: chats && prefill,
  }
}
