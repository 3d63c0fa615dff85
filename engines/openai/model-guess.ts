/** What a model can do, guessed from its name, for engines that list names and nothing else. */
import type { ModelCapabilities } from '../../core/model/model.ts'
import type { QueryType } from '../../core/query/query.ts'

const EMBEDS = /embed|(^|[/_-])(bge|gte|e5|minilm)([-_.]|$)/i
const SEES =
  /llava|vision|[-_.]vl([-_.]|$)|vlm|pixtral|minicpm-v|internvl|moondream|gemma-?3|gpt-4o|gpt-4\.1|gpt-5|claude/i
const REASONS = /(^|[/_-])(qwq|r1|o[134])([-_.:]|$)|deepseek-r|qwen3|gpt-oss|gpt-5|think|reason|magistral/i

/** Query types that a model of this name serves, most likely. */
export function guessTypes(name: string, vision: boolean): readonly QueryType[] {
  if (EMBEDS.test(name)) return ['embed']
  return vision ? ['chat', 'vision'] : ['chat']
}

/** Capabilities by name; `prefill` is the engine's own. Tools and formats are taken for granted: the engine refuses in its own words. */
export function guessCapabilities(name: string, prefill: boolean): ModelCapabilities {
  const embeds = EMBEDS.test(name)
  return {
    vision: !embeds && SEES.test(name),
    tools: !embeds,
    reasoning: !embeds && REASONS.test(name),
    structured: !embeds,
    prefill: !embeds && prefill,
  }
}
