import type { Card } from '../../protocols/card/card.ts'
import { chatModel } from './routing.ts'

/**
 * The opened card of a node that offers `tiny` in `$CHAT` to its federation, without a certificate; tests override what
 * they are about.
 */
export function testCard(peerId: string, overrides: Partial<Card> = {}): Card {
  return {
    peerId,
    network: 'test',
    version: '0.0.0',
    name: 'desk',
    label: 'a rig',
    realms: [{ name: '$CHAT', queryType: 'chat' }],
    models: [{ realm: '$CHAT', model: chatModel(), slots: 2 }],
    share: 'home',
    addresses: [],
    seq: 1,
    issuedAt: 1_700_000_000_000,
    ...overrides,
  }
}
