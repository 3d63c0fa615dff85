/** Files with a mistake in a host of another federation. Each row is one file in test/fixtures/config. */
import { describeBroken } from '../../../support/broken-config.ts'

describeBroken('hosts', [
  [
    'host-no-token',
    3,
    16,
    'federation_hosts[0].direction',
    'a host that may ask needs a token',
    'add a token_file, or write direction: out',
  ],
  ['host-duplicate', 3, 13, 'federation_hosts[1].name', 'a second federation host named garage', 'names are unique'],
  ['host-realm', 3, 14, 'federation_hosts[0].realms[0]', 'there is no realm $DRAW', 'known: $CHAT, $VISION, $IMAGINE'],
])
