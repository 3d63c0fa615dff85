/**
 * `builtin/image-facts`: what can be measured about a picture, in sentences. It does not recognise anything, and says
 * so.
 */
import type { Model } from '../../core/model/model.ts'
import { type ImagePart, imagesOf } from '../../core/query/chat-text.ts'
import { isChat, type Query } from '../../core/query/query.ts'
import type { QueryEvent } from '../../core/query/query-event.ts'
import type { RunOptions } from '../../core/run/run-query.ts'
import { checkCapabilities, checkSettings, typeRefused } from '../adapter/capability-check.ts'
import type { Engine } from '../adapter/engine.ts'
import { abortError } from '../http/http-errors.ts'
import { openImage } from '../images/image-input.ts'
import { requireSharp } from '../images/load-sharp.ts'

export const IMAGE_FACTS = 'builtin/image-facts'

const LABEL = 'I am realmesh\u2019s built-in picture measurer, not a vision model: I measure and do not recognise.'

const MODEL: Model = {
  name: IMAGE_FACTS,
  types: ['vision'],
  capabilities: { vision: true, tools: false, reasoning: false, structured: false, prefill: false },
}

/** Standard deviation of the Laplacian above which edges are crisp; photos out of focus stay well below. */
const SHARP_EDGES = 2

/** Bits per pixel of the grey values above which a picture is busy; drawings stay below. */
const BUSY_ENTROPY = 6

export class ImageFactsEngine implements Engine {
  readonly kind = IMAGE_FACTS
  readonly url = 'builtin:'
  readonly cancelMode = 'disconnect'
  readonly defaultSlots = 1

  async models(): Promise<readonly Model[]> {
    requireSharp()
    return [MODEL]
  }

  async *run(query: Query, { signal }: RunOptions): AsyncGenerator<QueryEvent> {
    if (!isChat(query)) throw typeRefused(this.kind, query)
    checkCapabilities(MODEL, query)
    checkSettings(this.kind, query)
    const images = query.body.messages.flatMap(imagesOf)
    let sentences = 0
    const tell = (text: string): QueryEvent => {
      sentences += 1
      return { kind: 'text', text: `${sentences === 1 ? '' : ' '}${text}` }
    }
    if (signal.aborted) throw abortError(signal)
    yield tell(LABEL)
    if (images.length === 0) yield tell('The question came without an image.')
    for (const [i, image] of images.entries()) {
      const facts = await imageFacts(image)
      for (const fact of images.length > 1 ? [`Image ${i + 1}:`, ...facts] : facts) {
        if (signal.aborted) throw abortError(signal)
        yield tell(fact)
      }
    }
    yield { kind: 'end', finishReason: 'stop', usage: { promptTokens: images.length, completionTokens: sentences } }
  }

  async probe(): Promise<void> {
    requireSharp()
  }

  async close(): Promise<void> {}
}

/** One sentence per fact. Throws `BAD_REQUEST` for what is no picture. */
async function imageFacts(part: ImagePart): Promise<readonly string[]> {
  const { image, header } = await openImage(Buffer.from(part.data, 'base64'))
  const { width, height, format } = header
  const { dominant, entropy, sharpness, isOpaque } = await image.stats()
  const hex = [dominant.r, dominant.g, dominant.b].map((value) => value.toString(16).padStart(2, '0')).join('')
  const shape = width === height ? 'square' : width > height ? 'wide' : 'tall'
  return [
    `It is ${width} by ${height} pixels, ${shape}, in ${format.toUpperCase()}.`,
    `Its dominant colour is #${hex}.`,
    `It is ${entropy > BUSY_ENTROPY ? 'busy' : 'plain'} (entropy ${entropy.toFixed(2)} bits) and its edges are ${sharpness > SHARP_EDGES ? 'crisp' : 'soft'} (${sharpness.toFixed(2)}).`,
    isOpaque ? 'It is opaque.' : 'It has transparent parts.',
  ]
}
