/** Files with a mistake in the shards of the user data. Each row is one file in test/fixtures/config. */
import { describeBroken } from '../../../support/broken-config.ts'

describeBroken('shards', [
  [
    'shard-connection',
    4,
    26,
    'database_sharding.shards[0].connection_string',
    '"postgres://db": expected the place of a shard',
    'write it like level:/data/shard1 or sqlite:///shard1.db',
  ],
  ['shard-duplicate', 4, 14, 'database_sharding.shards[1].name', 'a second shard named a', 'names are unique'],
  [
    'shard-map-prefix',
    5,
    5,
    'database_sharding.shard_map.abc',
    'expected the first two characters of a GUID',
    'write it like "00"',
  ],
  ['shard-map-unknown', 5, 11, 'database_sharding.shard_map.00', 'there is no shard shard2', 'did you mean shard1?'],
  [
    'shard-none',
    2,
    12,
    'database_sharding.enabled',
    'sharding is on, but there are no shards',
    'list them under shards, or write false',
  ],
])
