/**
 * A conversation made short: its summary, in an item that clients hand back as it is. It is opaque to them, and nothing
 * in it is secret from them: it says what they said themselves.
 */
import { BadField } from '../../../../core/check-value.ts'

/** What the text of an item begins with that this gateway made, and its layout. */
const MARK = 'realmesh-summary-1.'

/** UTF-16 units of such a text: what the specification of Open Responses allows. */
export const MAX_COMPACTED_LENGTH = 10_485_760

/** What a model is asked for. */
export const COMPACTING = [
  'Write down this conversation in short, so that you can go on with it when nothing else of it is left.',
  'Keep what the user wants, what was decided, names, numbers, paths, code that matters, results of tools, and what is',
  'still to be done. Leave out what no one needs any more. Answer with the summary alone.',
].join(' ')

/** The item of a summary. `id`: unique. */
export function compactedItem(id: string, summary: string): object {
  return { id, type: 'compaction', encrypted_content: MARK + Buffer.from(summary, 'utf8').toString('base64url') }
}

/** The summary in such an item. Throws `BadField` for one of another server, or none. */
export function summaryOf(item: Readonly<Record<string, unknown>>, param: string): string {
  const content = item['encrypted_content']
  if (typeof content !== 'string') throw new BadField(`${param}.encrypted_content`, 'expected a text')
  if (!content.startsWith(MARK) || content.length > MAX_COMPACTED_LENGTH) {
    throw new BadField(param, 'a conversation that another server sealed cannot be read here')
  }
  return Buffer.from(content.slice(MARK.length), 'base64url').toString('utf8')
}
