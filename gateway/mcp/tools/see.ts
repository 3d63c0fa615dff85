/** `see`: a question about pictures. */
import { z } from 'zod'
import { MAX_IMAGES } from '../../../core/query/chat-text.ts'
import type { ContentPart } from '../../../core/query/query.ts'
import { imageFromBase64 } from '../../fields/data-url.ts'
import { askedChat, chatFields, chatOutput } from './asked-chat.ts'
import { tool } from './tool.ts'

export const seeTool = tool({
  name: 'see',
  title: 'Ask about pictures',
  description: 'Shows pictures to a vision model of the swarm and returns what it answers to the prompt.',
  input: z.object({
    ...chatFields,
    images: z
      .array(z.string().min(1))
      .min(1)
      .max(MAX_IMAGES)
      .describe('Each as base64 or as a data: URL (PNG, JPEG, WebP, GIF, AVIF or TIFF). Links are not followed.'),
  }),
  output: chatOutput,
  run: (input, call) => {
    const pictures = input.images.map((image, i): ContentPart => imageFromBase64(image, `images[${i}]`))
    return askedChat(input, [{ type: 'text', text: input.prompt }, ...pictures], call)
  },
})
