/** A worker for an HTTP host of another federation, before it runs, with its token read. */
import type { HostConfig } from '../../config/schema/host-schema.ts'
import { defined } from '../../core/defined.ts'
import { RealmeshError } from '../../core/realmesh-error.ts'
import { engineIdentity } from '../../engines/engine-identity.ts'
import { SIMULATED_HOST, SIMULATED_NAME } from '../../engines/rentahal-host/simulated-host.ts'
import { readPrivateFile } from '../../home/private-file.ts'
import type { PlannedWorker } from './planned-worker.ts'

/** A token of any kind is shorter. */
const MAX_TOKEN_FILE_BYTES = 4_096

/** What guesses cannot reach: sixteen characters of a random text. */
export const MIN_TOKEN_LENGTH = 16

/** The token that the node and a host share. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`. */
export async function readHostToken(path: string): Promise<string> {
  const unusable = (): RealmeshError =>
    new RealmeshError('KEY_FILE_BAD', `there is no token in ${path}`, {
      fix: `write one line of at least ${MIN_TOKEN_LENGTH} characters into it, such as openssl rand -hex 32 prints, and chmod 600 ${path}`,
    })
  const bytes = await readPrivateFile(path, { what: 'token file', maxBytes: MAX_TOKEN_FILE_BYTES, unusable })
  const token = bytes?.toString('utf8').trim() ?? ''
  if (token.length < MIN_TOKEN_LENGTH || /\s/.test(token)) throw unusable()
  return token
}

/** A host that this node may ask. Throws as `readHostToken`. */
export async function planHost(host: HostConfig): Promise<PlannedWorker> {
  const { name, url, federationId, tokenFile, relation, realms, slots } = host
  const apiKey = tokenFile === undefined ? undefined : await readHostToken(tokenFile)
  const spec = { kind: 'rentahal-host' as const, url, ...defined({ apiKey, federationId }) }
  return {
    spec,
    identity: engineIdentity(spec),
    settings: { name, slots, realms: realms.length === 0 ? undefined : realms, scope: 'local', host: relation },
  }
}

/** The host that needs no network. It counts as one of the own federation, so that every query may go there. */
export function planSimulatedHost(): PlannedWorker {
  const spec = { kind: 'rentahal-host' as const, url: SIMULATED_HOST }
  return {
    spec,
    identity: engineIdentity(spec),
    settings: { name: SIMULATED_NAME, scope: 'local', host: 'home' },
  }
}
