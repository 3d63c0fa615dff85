/** Forms with a file, sent over sockets to a server that reads them. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { type FormBody, type FormBounds, readForm } from '../../../../gateway/forms/form-body.ts'
import { MAX_FORM_FIELD_BYTES, MAX_FORM_FIELDS } from '../../../../gateway/request/limits.ts'

const FILE_BYTES = 100_000

describe('a form with a file', () => {
  let server: Server
  let bounds: FormBounds
  let read: Promise<FormBody>
  let asked: PromiseWithResolvers<void>

  beforeEach(async () => {
    bounds = { maxFileBytes: FILE_BYTES }
    asked = Promise.withResolvers()
    server = createServer((request, response) => {
      read = readForm(request, bounds)
      asked.resolve()
      read.then(
        () => response.end('taken'),
        (error: unknown) => {
          response.statusCode = error instanceof RealmeshError ? 400 : 500
          response.end(error instanceof RealmeshError ? `${error.code}: ${error.message}` : String(error))
          request.resume()
        },
      )
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const send = async (form: FormData): Promise<string> => {
    const response = await fetch(url(), { method: 'POST', body: form })
    return await response.text()
  }

  const file = (bytes: number): Blob => new Blob([new Uint8Array(bytes).fill(7)], { type: 'audio/wav' })

  it('gives its fields and the file, whatever their order', async () => {
    const form = new FormData()
    form.append('file', file(FILE_BYTES), 'folder/one.wav')
    form.append('model', 'whisper-1')
    form.append('timestamp_granularities[]', 'word')
    form.append('timestamp_granularities[]', 'segment')
    form.append('__proto__', 'x')
    assert.equal(await send(form), 'taken')
    const { fields, file: sent, fileField } = await read
    assert.equal(fields['model'], 'whisper-1')
    assert.deepEqual(fields['timestamp_granularities[]'], ['word', 'segment'])
    assert.equal(Object.getPrototypeOf(fields), Object.prototype)
    assert.equal(fileField, 'file')
    assert.equal(sent?.fileName, 'one.wav')
    assert.equal(sent.mediaType, 'audio/wav')
    assert.deepEqual(sent.bytes, Buffer.alloc(FILE_BYTES, 7))
  })

  it('has no file where none was sent', async () => {
    const form = new FormData()
    form.append('model', 'whisper-1')
    await send(form)
    assert.equal((await read).file, undefined)
  })

  it('is refused when its file is larger than it may be, by its length and as it arrives', async () => {
    const form = new FormData()
    form.append('file', file(FILE_BYTES + 1), 'one.wav')
    assert.equal(await send(form), `PROMPT_TOO_LARGE: the file is larger than ${FILE_BYTES} bytes`)
    const long = new FormData()
    long.append('file', file(FILE_BYTES + 16 * 1024 * 1024), 'one.wav')
    assert.equal(await send(long), `PROMPT_TOO_LARGE: the file is larger than ${FILE_BYTES} bytes`)
  })

  it('is refused when all of it is larger than its parts may be', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(
      `POST / HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\ntransfer-encoding: chunked\r\n\r\n`,
    )
    const rest = Buffer.alloc(1024 * 1024, ' ')
    socket.on('error', () => {}) // it may be cut
    await asked.promise
    const refused = assert.rejects(read, { code: 'PROMPT_TOO_LARGE' })
    for (let i = 0; i < 6; i += 1) {
      socket.write(`${rest.length.toString(16)}\r\n`)
      socket.write(rest)
      socket.write('\r\n')
    }
    await refused
    socket.destroy()
  })

  it('is refused with too many fields, or too long ones', async () => {
    const many = new FormData()
    for (let i = 0; i <= MAX_FORM_FIELDS; i += 1) many.append(`f${i}`, 'x')
    assert.equal(await send(many), `PROMPT_TOO_LARGE: the form has more than ${MAX_FORM_FIELDS} fields`)
    const long = new FormData()
    long.append('prompt', 'x'.repeat(MAX_FORM_FIELD_BYTES + 1))
    assert.equal(await send(long), `PROMPT_TOO_LARGE: the field prompt is longer than ${MAX_FORM_FIELD_BYTES} bytes`)
  })

  it('is refused by the one that counts what is held', async () => {
    let held = 0
    bounds = {
      maxFileBytes: FILE_BYTES,
      take: (bytes) => {
        held += bytes
        if (held > 50_000) throw new RealmeshError('REALM_OVERLOADED', 'too many uploads')
      },
    }
    const form = new FormData()
    form.append('file', file(FILE_BYTES), 'one.wav')
    assert.equal(await send(form), 'REALM_OVERLOADED: too many uploads')
  })

  for (const [what, body] of [
    ['that breaks off', '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf'],
    ['that is none', 'hello'],
    ['without a boundary', ''],
  ] as const) {
    it(`is refused ${what}`, async () => {
      const type = what === 'without a boundary' ? 'multipart/form-data; x=y' : 'multipart/form-data; boundary=b'
      const response = await fetch(url(), { method: 'POST', body, headers: { 'content-type': type } })
      assert.equal(await response.text(), 'BAD_REQUEST: the body is no whole form')
    })
  }

  it('is refused when its client leaves before its end', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 900\r\n\r\n--b\r\n',
    )
    await asked.promise
    const refused = assert.rejects(read, { code: 'BAD_REQUEST', message: 'the body is no whole form' })
    socket.destroy()
    await refused
  })

  it('is refused in another packing, and as another type', async () => {
    const options = { method: 'POST', body: 'x' }
    const packed = { 'content-type': 'multipart/form-data; boundary=b', 'content-encoding': 'gzip' }
    assert.equal(
      await (await fetch(url(), { ...options, headers: packed })).text(),
      'BAD_REQUEST: a form is not read compressed',
    )
    const json = { 'content-type': 'application/json' }
    assert.equal(
      await (await fetch(url(), { ...options, headers: json })).text(),
      'BAD_REQUEST: the body is no form with a file',
    )
  })
})
