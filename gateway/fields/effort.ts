/** How hard a model thinks before it answers, in the words of clients. */
import type { ChatBody } from '../../core/query/query.ts'

export const EFFORTS = ['default', 'none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
type Effort = (typeof EFFORTS)[number]

/** Clients have eight words for efforts, engines know three and off. */
const THINK: Readonly<Record<Effort, ChatBody['think']>> = {
  default: undefined,
  none: false,
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
}

/** What a query says for an effort; undefined leaves it to the engine. */
export function thinkOf(effort: Effort | null | undefined): ChatBody['think'] {
  return effort == null ? undefined : THINK[effort]
}
