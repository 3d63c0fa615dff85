/** `imagine`: pictures of a text. */
import { z } from 'zod'
import { defined } from '../../../core/defined.ts'
import { assertTextFits } from '../../../core/query/prompt-size.ts'
import { GatheredImages } from '../../gathering/images.ts'
import { MAX_IMAGES_WANTED } from '../../request/limits.ts'
import { modelField } from './asked-chat.ts'
import { drawnOutput } from './outputs.ts'
import { tool } from './tool.ts'
import { servedBy } from './tool-run.ts'

const side = z.number().int().min(16).max(9_999).optional()

export const imagineTool = tool({
  name: 'imagine',
  title: 'Draw pictures',
  description: 'Draws pictures of a text with an image model of the swarm and returns them.',
  input: z.object({
    prompt: z.string().min(1).describe('What is to be seen.'),
    negative_prompt: z.string().optional().describe('What is not to be seen.'),
    model: modelField,
    width: side.describe('Pixels.'),
    height: side.describe('Pixels.'),
    count: z.number().int().min(1).max(MAX_IMAGES_WANTED).optional().describe('How many pictures; 1 if left out.'),
    steps: z.number().int().min(1).max(1_000).optional(),
    guidance: z.number().min(0).max(100).optional().describe('How closely the picture follows the prompt.'),
    seed: z.number().int().min(0).optional().describe('The same seed draws the same picture.'),
  }),
  output: drawnOutput,
  run: async (input, call) => {
    const { prompt, negative_prompt: negativePrompt, model = '', ...rest } = input
    assertTextFits([prompt, negativePrompt ?? ''])
    const drawn = new GatheredImages()
    const body = { prompt, ...defined({ negativePrompt, ...rest }) }
    const answered = await call.answer({ type: 'imagine', model, body }, drawn)
    const images = drawn.all
    return {
      content: images.map(({ data, mediaType }) => ({
        type: 'image',
        data: Buffer.from(data).toString('base64'),
        mimeType: mediaType,
      })),
      structured: {
        images: images.map(({ mediaType, seed }) => ({ media_type: mediaType, ...defined({ seed }) })),
        ...servedBy(answered),
      },
    }
  },
})
