/** Certificates of tests and their keys, as files with the modes that the owner's have. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CertificateFiles } from '../../bin/daemon/front/certificate.ts'
import type { CertificatePair } from '../../gateway/door/tls-server.ts'

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'tls')

export type CertificateName = 'one' | 'two'

export function certificateOf(name: CertificateName): CertificatePair {
  const read = (ending: string): string => readFileSync(join(FOLDER, `${name}.${ending}`), 'utf8')
  return { cert: read('crt'), key: read('key') }
}

/** Puts a certificate and a key into the files, which may be of two pairs. */
export async function putCertificate(
  files: CertificateFiles,
  cert: CertificateName,
  key: CertificateName = cert,
): Promise<void> {
  await writeFile(files.cert, certificateOf(cert).cert)
  await writeFile(files.key, certificateOf(key).key, { mode: 0o600 })
}
