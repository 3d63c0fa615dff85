/** Compressed bodies: which there are, and the plain bytes of them, never more than a plain body may have. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { codeOf } from '../../core/thrown.ts'
import { HttpRefusal, tooLarge } from './errors.ts'
import { MAX_REQUEST_BYTES } from './limits.ts'

type Decode = (bytes: Buffer, bounds: { readonly maxOutputLength: number }) => Promise<Buffer>

const gzip: Decode = promisify(gunzip)
const withHead: Decode = promisify(inflate)
const withoutHead: Decode = promisify(inflateRaw)

/** `deflate` has a head by the standard, and none by many programs: the first byte tells. */
const deflate: Decode = (bytes, bounds) => (((bytes[0] ?? 0) & 0x0f) === 8 ? withHead : withoutHead)(bytes, bounds)

const DECODERS: ReadonlyMap<string, Decode | undefined> = new Map([
  ['', undefined],
  ['identity', undefined],
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', deflate],
  ['br', promisify(brotliDecompress)],
])

const KNOWN = 'gzip, deflate, br'

/** Throws 415 for a `Content-Encoding` that is not known. */
export function assertKnownEncoding(encoding: string | undefined): void {
  const name = nameOf(encoding)
  if (DECODERS.has(name)) return
  throw new HttpRefusal('BAD_REQUEST', `the body has a content-encoding that is not known: ${name.slice(0, 40)}`, {
    status: 415,
    fix: `send it as it is, or as ${KNOWN}`,
    headers: { 'accept-encoding': KNOWN },
  })
}

/**
 * The plain bytes. Throws `PROMPT_TOO_LARGE` as soon as they are more than a plain body may have, and `BAD_REQUEST` for
 * bytes that are not what the encoding says.
 */
export async function decoded(
  bytes: Buffer,
  encoding: string | undefined,
  maxBytes = MAX_REQUEST_BYTES,
): Promise<Buffer> {
  const decode = DECODERS.get(nameOf(encoding))
  if (decode === undefined) return bytes
  try {
    return await decode(bytes, { maxOutputLength: maxBytes })
  } catch (cause) {
    if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes)
    throw new RealmeshError('BAD_REQUEST', `the body is not ${nameOf(encoding)}, as its content-encoding says`, {
      cause,
    })
  }
}

function nameOf(encoding: string | undefined): string {
  return (encoding ?? '').trim().toLowerCase()
}
