/** What an item, a block or a tool calls itself: clients send kinds that are not known here, and any value for one. */
import { BadField } from '../../core/check-value.ts'

/** Throws `BadField`, naming the field of `param`, for what is no text. */
export function typeName({ type }: Readonly<Record<string, unknown>>, param: string): string {
  if (typeof type === 'string') return type
  throw new BadField(`${param}.type`, 'expected a string')
}
