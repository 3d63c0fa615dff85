/** Sound in pieces, as OpenAI's events: each piece as base64, then the end. */
import type { ContentEvent, EndEvent } from '../../../core/query/query-event.ts'
import type { AnswerPieces } from '../../answer/stream-answer.ts'

export class SpeechEvents implements AnswerPieces {
  open(): string {
    return ''
  }

  content(event: ContentEvent): string {
    if (event.kind !== 'audio') return ''
    return piece({ type: 'speech.audio.delta', audio: Buffer.from(event.data).toString('base64') })
  }

  /** The tokens that the engine counted, zeros where it did not. */
  end({ usage }: EndEvent): string {
    const { promptTokens = 0, completionTokens = 0 } = usage ?? {}
    const told = {
      input_tokens: promptTokens,
      output_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    }
    return piece({ type: 'speech.audio.done', usage: told })
  }
}

function piece(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`
}
