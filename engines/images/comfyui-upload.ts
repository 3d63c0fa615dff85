/** Pictures for ComfyUI, which reads them from its own folders: sent there before the graph that names them. */
import { createHash } from 'node:crypto'
import type { Picture } from '../../core/query/picture.ts'
import type { CancelSignal } from '../../core/run/cancel-signal.ts'
import type { HttpClient } from '../http/http-client.ts'
import { garbage } from '../http/http-errors.ts'
import { asObject, asString } from '../http/json-shape.ts'
import { imageTypeOf } from './image-bytes.ts'

export interface UploadComponents {
  readonly http: HttpClient
  readonly signal: CancelSignal
}

/** The folder that ComfyUI empties when it starts. */
const FOLDER = 'temp'

/**
 * Sends the picture and resolves with the name by which a graph finds it. The name is made of the bytes: the same
 * picture twice is one file, and nothing of what a client calls it is told.
 */
export async function uploadPicture({ http, signal }: UploadComponents, { data }: Picture): Promise<string> {
  const ending = imageTypeOf(data)?.split('/')[1] ?? 'png'
  const name = `realmesh-${createHash('sha256').update(data).digest('hex').slice(0, 32)}.${ending}`
  const form = new FormData()
  form.append('type', FOLDER)
  form.append('overwrite', 'true')
  form.append('image', new Blob([Uint8Array.from(data)]), name)
  const encoded = new Response(form)
  const reply = asObject(
    await http.json(
      {
        path: '/upload/image',
        raw: Buffer.from(await encoded.arrayBuffer()),
        headers: { 'content-type': encoded.headers.get('content-type') ?? 'multipart/form-data' },
      },
      { signal },
    ),
  )
  const stored = asString(reply?.['name'])
  if (stored === undefined) throw garbage('comfyui', 'no name for a picture')
  const folder = asString(reply?.['subfolder']) ?? ''
  return `${folder === '' ? '' : `${folder}/`}${stored} [${FOLDER}]`
}
