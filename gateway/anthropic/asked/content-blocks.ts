/**
 * Blocks of content that say something to a model: text, pictures, documents of text. What no engine can read, and
 * would be missed, is refused; blocks of types that are not known are left out and named.
 */
import { z } from 'zod'
import { BadField, checkValue } from '../../../core/check-value.ts'
import { boundedList } from '../../../core/json/bounded-list.ts'
import type { ContentPart } from '../../../core/query/query.ts'
import { imageOfType } from '../../fields/data-url.ts'
import { typeName } from '../../fields/type-name.ts'
import { MAX_CHAT_PARTS } from '../../request/limits.ts'
import { blocks, type ContentBlock } from './message-schema.ts'

const text = z.object({ text: z.string() })
const source = z.object({ source: z.looseObject({ type: z.string() }) })
const encoded = z.object({ media_type: z.string(), data: z.string() })
const plain = z.object({ data: z.string() })
const inside = z.object({ content: z.union([z.string(), blocks], { error: 'expected a string or blocks' }) })
/** Whether the answer is to say which passages it rests on. */
const cited = z.object({ enabled: z.boolean().nullish() }).nullish()
const named = z.object({ title: z.string().nullish(), context: z.string().nullish(), citations: cited })
const found = z.object({
  title: z.string(),
  source: z.string(),
  content: boundedList(text, { max: MAX_CHAT_PARTS }),
  citations: cited,
})

/** Takes note of what is left out. */
export type Skip = (name: string) => void

/** The parts of a block; `skip` hears its type where it has none. Throws `BadField`, naming `param`. */
export function partsOfBlock(block: ContentBlock, param: string, skip: Skip): readonly ContentPart[] {
  if (block['cache_control'] != null) skip('cache_control')
  const type = typeName(block, param)
  switch (type) {
    case 'text':
      return textPart(checkValue(text, block, param).text)
    case 'image':
      return [image(block, param)]
    case 'document':
      return document(block, param, skip)
    case 'search_result':
      return [searchResult(block, param, skip)]
    default:
      skip(`messages.${type}`)
      return []
  }
}

/** The parts of a list of blocks, or of text. */
export function partsOf(content: string | readonly ContentBlock[], param: string, skip: Skip): readonly ContentPart[] {
  if (typeof content === 'string') return textPart(content)
  return content.flatMap((block, index) => partsOfBlock(block, `${param}[${index}]`, skip))
}

/** Nothing says nothing: engines refuse a part without text. */
function textPart(said: string): readonly ContentPart[] {
  return said === '' ? [] : [{ type: 'text', text: said }]
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
  const { title, context, citations } = checkValue(named, block, param)
  if (citations?.enabled === true) skip('citations')
  const head = [title, context].filter((line) => line != null && line !== '')
  const before: readonly ContentPart[] = head.length === 0 ? [] : [{ type: 'text', text: head.join('\n') }]
  if (from.type === 'text') {
    return [...before, ...textPart(checkValue(plain, from, `${param}.source`).data)]
  }
  if (from.type === 'content') {
    const { content } = checkValue(inside, from, `${param}.source`)
    return [...before, ...partsOf(content, `${param}.source.content`, skip)]
  }
  throw new BadField(`${param}.source`, 'documents are taken as text only', {
    fix: 'send { type: "text", media_type: "text/plain", data }, or pages as images',
  })
}

function searchResult(block: ContentBlock, param: string, skip: Skip): ContentPart {
  const { title, source: from, content, citations } = checkValue(found, block, param)
  if (citations?.enabled === true) skip('citations')
  return { type: 'text', text: [`${title} (${from})`, ...content.map((part) => part.text)].join('\n') }
}
