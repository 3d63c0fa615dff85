/** Recordings as JSON carries them: base64, bare or in a `data:` URL. */
import { BadField } from '../../core/check-value.ts'
import { MAX_AUDIO_BYTES } from '../../core/query/query-limits.ts'
import { plainBase64, readDataUrl } from './data-url.ts'

export interface Recording {
  readonly bytes: Buffer
  /** What its `data:` URL calls it, parameters included. */
  readonly told: string | undefined
}

/** Throws `BadField`, naming `param`, for what is no base64 and for what is too large. */
export function recordingFrom(text: string, param: string): Recording {
  const url = readDataUrl(text)
  const base64 = plainBase64(url?.base64 ?? text)
  if (base64 === undefined) throw new BadField(param, 'is not base64')
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > MAX_AUDIO_BYTES) throw new BadField(param, `has more than ${MAX_AUDIO_BYTES} bytes`)
  return { bytes, told: url && `${url.type}${url.parameters}` }
}
