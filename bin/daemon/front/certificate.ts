/** The gateway's certificate and its key, read from the owner's files and held against each other. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { open } from 'node:fs/promises'
import { RealmeshError } from '../../../core/realmesh-error.ts'
import { codeOf, messageOf } from '../../../core/thrown.ts'
import { readPrivateFile } from '../../../home/private-file.ts'

/** A chain of certificates takes some ten kilobytes. */
const MAX_FILE_BYTES = 1024 * 1024

/** The key may be its group's, as tools that renew certificates leave it; to others it must be closed. */
const OTHERS_MAY = 0o027

export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

/** A certificate that fits its key. */
export interface ReadCertificate {
  /** PEM, with its chain. */
  readonly cert: string
  /** PEM. */
  readonly key: string
  /** SHA-256 of the certificate, by which the owner's commands know it; colons and capitals as Node writes it. */
  readonly fingerprint: string
  /** Wall clock of its end, milliseconds since the epoch. */
  readonly expiresMs: number
}

/** Throws `KEY_FILE_LAX` for a key that others may read; `KEY_FILE_BAD` where the two are missing or do not fit. */
export async function readCertificate(files: CertificateFiles): Promise<ReadCertificate> {
  const cert = await certificateText(files.cert)
  const bytes = await readPrivateFile(files.key, {
    what: 'key of the certificate',
    maxBytes: MAX_FILE_BYTES,
    unusable: () => bad(files.key, 'holds no private key'),
    refused: OTHERS_MAY,
    laxFix: `chmod 600 ${files.key}`,
  })
  if (bytes === undefined) throw bad(files.key, 'is not there')
  const key = bytes.toString('utf8')
  const leaf = parsed(() => new X509Certificate(cert), files.cert, 'holds no certificate')
  const privateKey = parsed(() => createPrivateKey(key), files.key, 'holds no private key')
  if (!leaf.checkPrivateKey(privateKey)) throw bad(files.key, `is not the key of ${files.cert}`)
  return { cert, key, fingerprint: leaf.fingerprint256, expiresMs: Date.parse(leaf.validTo) }
}

async function certificateText(path: string): Promise<string> {
  try {
    const file = await open(path, 'r')
    try {
      if ((await file.stat()).size > MAX_FILE_BYTES) throw bad(path, 'holds no certificate')
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof RealmeshError) throw cause
    throw bad(path, `cannot be read: ${codeOf(cause) ?? messageOf(cause)}`)
  }
}

function parsed<T>(parse: () => T, path: string, wrong: string): T {
  try {
    return parse()
  } catch (cause) {
    throw bad(path, wrong, cause)
  }
}

function bad(path: string, wrong: string, cause?: unknown): RealmeshError {
  return new RealmeshError('KEY_FILE_BAD', `${path} ${wrong}`, {
    fix: 'name a certificate and its own key, both PEM, with node.tls_cert and node.tls_key',
    cause,
  })
}
