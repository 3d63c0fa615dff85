/** `ask`: a question to a language model. */
import { z } from 'zod'
import { askedChat, chatFields } from './asked-chat.ts'
import { chatOutput } from './outputs.ts'
import { tool } from './tool.ts'

export const askTool = tool({
  name: 'ask',
  title: 'Ask a language model',
  description:
    'Asks a language model of the swarm and returns its answer. It knows nothing of this conversation: put all that it needs into the prompt.',
  input: z.object(chatFields),
  output: chatOutput,
  run: (input, call) => askedChat(input, input.prompt, call),
})
