/**
 * Bodies that are forms with a file (`multipart/form-data`): read as they arrive, into memory or to where they go, and
 * bounded part by part before anything is kept.
 */
import type { IncomingMessage } from 'node:http'
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { HttpRefusal } from '../request/errors.ts'
import { GatheredBytes } from '../request/gathered-bytes.ts'
import { MAX_FORM_FIELD_BYTES, MAX_FORM_FIELDS } from '../request/limits.ts'
import { bodyShareOf, wantBody } from '../request/read-body.ts'

/** A file of a form. */
export interface FormFile {
  readonly bytes: Buffer
  /** As the client declares it; `application/octet-stream` where it does not. */
  readonly mediaType: string
  /** The last part of what the client calls it; '' without a name. */
  readonly fileName: string
}

/** A file with the name of the field that it is in. */
export interface FieldFile extends FormFile {
  readonly field: string | undefined
}

export interface FormBodyInit {
  /** What a field says, in the order of the form; a list where its name ends in `[]`. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>
  /** In the order of the form; those beyond the bound are left out. */
  readonly files: readonly FieldFile[]
}

/** A form that has arrived whole. */
export class FormBody implements FormBodyInit {
  readonly fields: FormBodyInit['fields']
  readonly files: FormBodyInit['files']

  constructor({ fields, files }: FormBodyInit) {
    this.fields = fields
    this.files = files
  }

  /** The first file. */
  get file(): FormFile | undefined {
    return this.files[0]
  }

  /** The field that the first file is in. */
  get fileField(): string | undefined {
    return this.files[0]?.field
  }
}

export interface FormBounds {
  /** Bytes of the file; of all files together where there may be several. */
  readonly maxFileBytes: number
  /** @default 1 */
  readonly maxFiles?: number
  /** Asked before bytes are kept, with how many came: throws when there is no room. @default the budget of bodies */
  readonly take?: (bytes: number) => void
  /** Takes the bytes of the file instead of the memory: the form waits for it, and the file of the form is empty. */
  readonly write?: (bytes: Buffer) => Promise<void>
}

/** What the boundaries and the heads of the parts may take beside what they hold, bytes. */
const FORM_OVERHEAD_BYTES = 64 * 1024

const FORM = /^multipart\/form-data\s*;/i

/**
 * The form in a body. Throws 415 for a body that is none or is compressed, `PROMPT_TOO_LARGE` for one that is too
 * large, with which nothing of it is held any more, and `BAD_REQUEST` for one that is no form or breaks off.
 */
export async function readForm(request: IncomingMessage, bounds: FormBounds): Promise<FormBody> {
  assertForm(request)
  const most = bounds.maxFileBytes + MAX_FORM_FIELDS * MAX_FORM_FIELD_BYTES + FORM_OVERHEAD_BYTES
  if (Number(request.headers['content-length']) > most) throw fileTooLarge(bounds.maxFileBytes)
  wantBody(request)
  const { take } = bodyShareOf(request)
  return await new FormReading(request, { take, ...bounds }, most).done
}

function assertForm({ headers }: IncomingMessage): void {
  if (!FORM.test(headers['content-type'] ?? '')) throw noForm()
  if ((headers['content-encoding'] ?? 'identity').trim().toLowerCase() !== 'identity') {
    throw new HttpRefusal('BAD_REQUEST', 'a form is not read compressed', { status: 415, fix: 'send it as it is' })
  }
}

/** The refusal of a body that is not what a path takes that takes forms. */
export function noForm(): HttpRefusal {
  return new HttpRefusal('BAD_REQUEST', 'the body is no form with a file', {
    status: 415,
    fix: 'send multipart/form-data, as curl -F does',
    headers: { accept: 'multipart/form-data' },
  })
}

function fileTooLarge(most: number): RealmeshError {
  return new RealmeshError('PROMPT_TOO_LARGE', `the file is larger than ${most} bytes`, {
    fix: 'send a smaller one: compressed, or in parts',
  })
}

/** One form while it arrives. */
class FormReading {
  readonly done: Promise<FormBody>
  readonly #request: IncomingMessage
  readonly #bounds: FormBounds
  readonly #parser: BusboyInstance
  readonly #settle = Promise.withResolvers<FormBody>()
  readonly #fields: Record<string, string | string[]> = Object.create(null)
  #failed = false
  readonly #files: { readonly head: Omit<FieldFile, 'bytes'>; readonly gathered: GatheredBytes }[] = []

  constructor(request: IncomingMessage, bounds: FormBounds, most: number) {
    this.#request = request
    this.#bounds = bounds
    this.done = this.#settle.promise
    this.#parser = parserOf(request, bounds)
    this.#parser.on('file', (name, stream, fileName, _encoding, mediaType) => {
      const gathered = new GatheredBytes()
      this.#files.push({ head: { field: name, fileName, mediaType }, gathered })
      this.#gather(stream, gathered)
    })
    this.#parser.on('field', (name, value, _nameCut, cut) => {
      if (cut)
        this.#fail(tooMuch(`the field ${String(name).slice(0, 64)} is longer than ${MAX_FORM_FIELD_BYTES} bytes`))
      else if (name !== undefined && !this.#failed) this.#keep(name, value)
    })
    for (const event of ['fieldsLimit', 'partsLimit'] as const) {
      this.#parser.on(event, () => this.#fail(tooMuch(`the form has more than ${MAX_FORM_FIELDS} fields`)))
    }
    this.#parser.on('error', (cause) => this.#fail(broken(cause)))
    this.#parser.on('finish', () => this.#finish())
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > most && !this.#failed) this.#fail(fileTooLarge(bounds.maxFileBytes))
    })
    request.once('error', (cause) => this.#fail(broken(cause)))
    request.once('close', () => {
      if (!request.complete) this.#fail(broken(undefined))
    })
    request.pipe(this.#parser)
  }

  #gather(stream: BusboyFileStream, gathered: GatheredBytes): void {
    const { take, write } = this.#bounds
    stream.on('data', (chunk: Buffer) => {
      if (this.#failed) return
      try {
        take?.(chunk.length)
        if (write === undefined) gathered.add(chunk)
        else this.#handOn(stream, write(chunk))
      } catch (error) {
        this.#fail(error)
      }
    })
    stream.on('limit', () => this.#fail(fileTooLarge(this.#bounds.maxFileBytes)))
    stream.on('error', (cause) => this.#fail(broken(cause)))
  }

  #handOn(stream: BusboyFileStream, written: Promise<void>): void {
    stream.pause()
    written.then(
      () => stream.resume(),
      (error: unknown) => this.#fail(error),
    )
  }

  #keep(name: string, value: string): void {
    try {
      this.#bounds.take?.(value.length)
      this.#add(name, value)
    } catch (error) {
      this.#fail(error)
    }
  }

  #add(name: string, value: string): void {
    if (!name.endsWith('[]')) {
      this.#fields[name] = value
      return
    }
    const before = this.#fields[name]
    if (Array.isArray(before)) before.push(value)
    else this.#fields[name] = [value]
  }

  #finish(): void {
    const files = this.#files.map(({ head, gathered }) => ({ ...head, bytes: gathered.take() }))
    this.#settle.resolve(new FormBody({ fields: { ...this.#fields }, files }))
  }

  /** Nothing is held any more; the rest of the body is left to the one that answers. */
  #fail(error: unknown): void {
    this.#failed = true
    this.#request.unpipe(this.#parser)
    for (const { gathered } of this.#files) gathered.clear()
    this.#settle.reject(error)
  }
}

function parserOf({ headers }: IncomingMessage, { maxFileBytes, maxFiles = 1 }: FormBounds): BusboyInstance {
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
      limits: {
        fileSize: maxFileBytes,
        files: maxFiles,
        fields: MAX_FORM_FIELDS,
        fieldSize: MAX_FORM_FIELD_BYTES,
        parts: MAX_FORM_FIELDS + maxFiles,
        headerPairs: 16,
        headerSize: 8 * 1024,
      },
    })
  } catch (cause) {
    throw broken(cause) // no boundary
  }
}

function tooMuch(what: string): RealmeshError {
  return new RealmeshError('PROMPT_TOO_LARGE', what, { fix: 'send less beside the file' })
}

function broken(cause: unknown): RealmeshError {
  return new RealmeshError('BAD_REQUEST', 'the body is no whole form', { fix: 'send multipart/form-data', cause })
}
