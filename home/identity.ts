/** Who this node is: its libp2p key. To lose the file is to become somebody else. */
import type { Ed25519PrivateKey } from '@libp2p/interface'
import type { HomeFolder } from './home-folder.ts'
import { loadOrCreateKeyFile } from './key-file.ts'

/** The node's private key, made at the first start. Throws `KEY_FILE_LAX` or `KEY_FILE_BAD`. */
export async function loadIdentity(home: Pick<HomeFolder, 'identityKey'>): Promise<Ed25519PrivateKey> {
  return await loadOrCreateKeyFile(home.identityKey, 'identity key')
}
