/** `see`: a question about pictures. */
import { z } from 'zod'
import { boundedList } from '../../../core/json/bounded-list.ts'
import { MAX_IMAGES } from '../../../core/query/chat-text.ts'
import type { ContentPart } from '../../../core/query/query.ts'
import { imageFromBase64 } from '../../fields/data-url.ts'
import { askedChat, chatFields } from './asked-chat.ts'
import { chatOutput } from './outputs.ts'
import { tool } from './tool.ts'

export const seeTool = tool({
  name: 'see',
  title: 'Ask about pictures',
  description:
    'Shows pictures to a vision model of the swarm and returns what it answers to the prompt. Each picture is base64 or a data: URL; links are not followed.',
  input: z.object({
    ...chatFields,
    images: boundedList(z.string().min(1), { min: 1, max: MAX_IMAGES }),
  }),
  output: chatOutput,
  run: (input, call) => {
    const pictures = input.images.map((image, i): ContentPart => imageFromBase64(image, `images[${i}]`))
    return askedChat(input, [{ type: 'text', text: input.prompt }, ...pictures], call)
  },
})
