/** Files with a key that is not known: what their author meant by it. Each row is one file in test/fixtures/config. */
import { describeBroken } from '../../../support/broken-config.ts'

describeBroken('keys', [
  [
    'key-api-key-in-file',
    5,
    5,
    'workers[0].key',
    'unknown key',
    'secrets never stand in this file: name a variable with key_env, or a file with key_file',
  ],
  ['key-camel-case', 3, 5, 'realms.$CHAT.primaryQueryType', 'unknown key', 'did you mean primary_query_type?'],
  ['key-dashes', 2, 3, 'node.log-level', 'unknown key', 'did you mean log_level?'],
  ['key-in-shard', 4, 7, 'database_sharding.shards[0].connection', 'unknown key', 'did you mean connection_string?'],
  ['key-in-worker', 4, 5, 'workers[0].uri', 'unknown key', 'did you mean url?'],
  ['key-typo-nested', 5, 7, 'realms.$CHAT.limits.token_out', 'unknown key', 'did you mean tokens_out?'],
  ['key-typo-realm', 4, 5, 'realms.$CHAT.max_worker', 'unknown key', 'did you mean max_workers?'],
  ['key-typo-top', 1, 1, 'relams', 'unknown key', 'did you mean realms?'],
  [
    'key-unheard-of',
    2,
    3,
    'node.colour',
    'unknown key',
    'remove it; known here: http, name, listen, bootstrap, network, mdns, federation_key, federation_label, scope, share, friends, engines',
  ],
  ['key-wrong-place', 3, 1, 'http', 'unknown key', 'http belongs under node'],
  ['key-wrong-section', 2, 3, 'discovery.bootstrap', 'unknown key', 'did you mean bootstrap_nodes?'],
])
