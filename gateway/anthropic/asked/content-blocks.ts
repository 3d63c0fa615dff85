/**
 * Blocks of content that say something to a model: text, pictures, documents of text. What no engine can read, and
 * would be missed, is refused; blocks of types that are not known are left out and named.
 */
import { z } from 'zod'
import { BadField, checkValue } from '../../../core/check-value.ts'
import { boundedList } from '../../../core/json/bounded-list.ts'
import type { ContentPart } from '../../../core/query/query.ts'
import { imageOfType } from '../../fields/data-url.ts'
import { MAX_CHAT_PARTS } from '../../request/limits.ts'
import { blocks, type ContentBlock } from './message-schema.ts'

const text = z.object({ text: z.string() })
const source = z.object({ source: z.looseObject({ type: z.string() }) })
const encoded = z.object({ media_type: z.string(), data: z.string() })
const plain = z.object({ data: z.string() })
const inside = z.object({ content: z.union([z.string(), blocks], { error: 'expected a string or blocks' }) })
const named = z.object({ title: z.string().nullish(), context: z.string().nullish() })
const found = z.object({
  title: z.string(),
  source: z.string(),
  content: boundedList(text, { max: MAX_CHAT_PARTS }),
})

/** Takes note of what is left out. */
export type Skip = (name: string) => void

/** The parts of a block; `skip` hears its type where it has none. Throws `BadField`, naming `param`. */
export function partsOfBlock(block: ContentBlock, param: string, skip: Skip): readonly ContentPart[] {
  if (block['cache_control'] != null) skip('cache_control')
  switch (block['type']) {
    case 'text':
      return [{ type: 'text', text: checkValue(text, block, param).text }]
    case 'image':
      return [image(block, param)]
    case 'document':
      return document(block, param, skip)
    case 'search_result':
      return [searchResult(block, param)]
    default:
      skip(`messages.${String(block['type'])}`)
      return []
  }
}

/** The parts of a list of blocks, or of text. */
export function partsOf(content: string | readonly ContentBlock[], param: string, skip: Skip): readonly ContentPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return content.flatMap((block, index) => partsOfBlock(block, `${param}[${index}]`, skip))
}

function image(block: ContentBlock, param: string): ContentPart {
  const { source: from } = checkValue(source, block, param)
  if (from.type !== 'base64') {
    throw new BadField(`${param}.source`, `images are taken as base64 only, not as ${from.type.slice(0, 64)}`, {
      fix: 'send { type: "base64", media_type, data }: nothing is fetched and no files are kept here',
    })
  }
  const { media_type: mediaType, data } = checkValue(encoded, from, `${param}.source`)
  return imageOfType(mediaType, data, `${param}.source.data`)
}

function document(block: ContentBlock, param: string, skip: Skip): readonly ContentPart[] {
  const { source: from } = checkValue(source, block, param)
  const { title, context } = checkValue(named, block, param)
  const head = [title, context].filter((line) => line != null && line !== '')
  const before: readonly ContentPart[] = head.length === 0 ? [] : [{ type: 'text', text: head.join('\n') }]
  if (from.type === 'text') {
    return [...before, { type: 'text', text: checkValue(plain, from, `${param}.source`).data }]
  }
  if (from.type === 'content') {
    const { content } = checkValue(inside, from, `${param}.source`)
    return [...before, ...partsOf(content, `${param}.source.content`, skip)]
  }
  throw new BadField(`${param}.source`, 'documents are taken as text only', {
    fix: 'send { type: "text", media_type: "text/plain", data }, or pages as images',
  })
}

function searchResult(block: ContentBlock, param: string): ContentPart {
  const { title, source: from, content } = checkValue(found, block, param)
  return { type: 'text', text: [`${title} (${from})`, ...content.map((part) => part.text)].join('\n') }
}
