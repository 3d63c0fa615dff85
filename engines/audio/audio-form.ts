/** A recording as engines take it: a form with a file. */
import type { TranscribeBody } from '../../core/query/sound.ts'

/** A form as the body of one request. */
export interface EncodedForm {
  readonly raw: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** Fields in order; a name may come more than once. */
export type FormFields = readonly (readonly [name: string, value: string])[]

/** Endings by which engines know a container that the client named by its type only. */
const ENDINGS: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/wave': 'wav',
  'audio/vnd.wave': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/mp4': 'm4a',
  'audio/x-m4a': 'm4a',
  'audio/m4a': 'm4a',
  'audio/aac': 'aac',
  'audio/flac': 'flac',
  'audio/x-flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/webm': 'webm',
  'video/webm': 'webm',
  'video/mp4': 'mp4',
}

const ENDING = /\.([a-z0-9]{1,8})$/i

/** The fields, and the recording as `file`, the last part. */
export async function audioForm(
  fields: FormFields,
  { audio, mediaType, fileName }: TranscribeBody,
): Promise<EncodedForm> {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  form.append('file', new Blob([Uint8Array.from(audio)], { type: mediaType }), neutralName(mediaType, fileName))
  const encoded = new Response(form)
  return {
    raw: Buffer.from(await encoded.arrayBuffer()),
    headers: { 'content-type': encoded.headers.get('content-type') ?? 'multipart/form-data' },
  }
}

/**
 * A name that tells the container and nothing else: what a file is called may say whose it is. Without a known ending
 * the engine looks into the file.
 */
export function neutralName(mediaType: string, fileName = ''): string {
  const ending = ENDING.exec(fileName)?.[1] ?? ENDINGS[mediaType.split(';')[0]?.trim().toLowerCase() ?? '']
  return ending === undefined ? 'audio' : `audio.${ending.toLowerCase()}`
}
