/** Every command of `realmesh`: one row each. */
import { SETTINGS } from '../config/file/settings.ts'
import type { CommandSpec, OptionSpec } from './cli/command.ts'
import { KEY_OPTIONS } from './commands/node/key-flags.ts'
import { CONTROL_COMMANDS } from './control-command-table.ts'
import { OPERATOR_COMMANDS } from './operator-command-table.ts'

const JSON_OUTPUT: OptionSpec = { flag: '--json', text: 'print JSON instead of text' }
const CONFIG_FILE: OptionSpec = { flag: '--config <FILE>', text: 'read this file instead of realms.yml in the home' }

/** `--no-x` is declared as it is written, so that commander sets `x` to false. */
const SETTING_OPTIONS: readonly OptionSpec[] = SETTINGS.map(({ flag, text }) => ({ flag, text }))

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'up',
    text: 'run a node',
    options: [CONFIG_FILE, ...SETTING_OPTIONS, { flag: '--json', text: 'print one line of JSON when ready' }],
    load: () => import('./commands/node/up.ts'),
  },
  {
    name: 'bootstrap',
    text: 'run a node through which others join: no engines, no queries, a generous relay',
    options: [CONFIG_FILE, ...SETTING_OPTIONS, { flag: '--json', text: 'print one line of JSON when ready' }],
    load: () => import('./commands/bootstrap/bootstrap.ts'),
  },
  {
    name: 'ask',
    args: '[PROMPT...]',
    text: 'ask the swarm; without PROMPT, or with -, the prompt is read from stdin',
    options: [
      { flag: '-m, --model <NAME>', text: 'the model that is asked (default: any that fits)' },
      { flag: '--scope <local|home|friends|public>', text: 'how far the query may go' },
      { flag: '--json', text: 'print one line of JSON per piece of the answer' },
    ],
    load: () => import('./commands/ask/ask.ts'),
  },
  { name: 'status', text: 'how the node is', options: [JSON_OUTPUT], load: () => import('./commands/node/status.ts') },
  { name: 'peers', text: 'nodes it knows', options: [JSON_OUTPUT], load: () => import('./commands/node/peers.ts') },
  {
    name: 'models',
    text: 'models that a query can reach',
    options: [{ flag: '--scope <local|home|friends|public>', text: 'how far to look' }, JSON_OUTPUT],
    load: () => import('./commands/node/models.ts'),
  },
  {
    name: 'trace',
    args: '[ID]',
    text: 'what truly happened to a query, whose id may be cut short; without ID, to the last one',
    options: [JSON_OUTPUT],
    load: () => import('./commands/ask/trace.ts'),
  },
  {
    name: 'doctor',
    args: '[PEER]',
    text: 'what is broken and what helps; of PEER (id, its end, or name): why it is not reached, or does not serve you',
    options: [
      { flag: '-m, --model <NAME>', text: 'with PEER: a model that it is to serve' },
      JSON_OUTPUT,
      CONFIG_FILE,
      ...SETTING_OPTIONS.map(({ flag }) => ({ flag, text: 'while no node runs: as it will be given to `up`' })),
    ],
    load: () => import('./commands/doctor/doctor.ts'),
  },
  {
    name: 'engines',
    text: 'engines on this machine, and why others are not used',
    options: [CONFIG_FILE, JSON_OUTPUT],
    load: () => import('./commands/node/engines.ts'),
  },
  { name: 'gpus', text: 'GPUs of this machine', options: [JSON_OUTPUT], load: () => import('./commands/node/gpus.ts') },
  {
    name: 'swarm up',
    text: 'run a federation of real nodes on this machine',
    options: [
      { flag: '-n, --nodes <N>', text: 'how many (default 3)' },
      { flag: '--engine-on <I=KIND=URL...>', text: 'an engine for node I, such as 1=ollama=http://127.0.0.1:11434' },
      { flag: '--no-builtin', text: 'do not answer with the built-in guide' },
      { flag: '--topology <FILE>', text: 'nodes, networks and simulated engines as the file has them' },
      { flag: '--json', text: 'print one line of JSON per node' },
    ],
    load: () => import('./commands/swarm/swarm-up.ts'),
  },
  {
    name: 'swarm run',
    args: '<FILE>',
    text: 'play a topology file: its queries and its faults, and tell what came of it',
    options: [JSON_OUTPUT],
    load: () => import('./commands/swarm/swarm-run.ts'),
  },
  {
    name: 'config show',
    text: 'the configuration with every default',
    options: [CONFIG_FILE, { flag: '--origin', text: 'say where each value came from' }, JSON_OUTPUT],
    load: async () => ({ run: (await import('./commands/config/config.ts')).show }),
  },
  {
    name: 'config validate',
    args: '[FILE]',
    text: 'check a file and tell everything that is wrong',
    options: [JSON_OUTPUT],
    load: async () => ({ run: (await import('./commands/config/config.ts')).validate }),
  },
  {
    name: 'config get',
    args: '<PATH>',
    text: 'one value, such as node.http',
    options: [CONFIG_FILE, JSON_OUTPUT],
    load: async () => ({ run: (await import('./commands/config/config.ts')).get }),
  },
  {
    name: 'config set',
    args: '<PATH> <VALUE>',
    text: 'change one value; comments are kept',
    options: [CONFIG_FILE],
    load: async () => ({ run: (await import('./commands/config/config.ts')).set }),
  },
  {
    name: 'config edit',
    text: 'open realms.yml in your editor ($VISUAL, $EDITOR); it takes effect only when it is valid',
    options: [CONFIG_FILE],
    load: () => import('./commands/config/edit.ts'),
  },
  {
    name: 'config path',
    text: 'where the file lies',
    options: [CONFIG_FILE, JSON_OUTPUT],
    load: async () => ({ run: (await import('./commands/config/config.ts')).path }),
  },
  {
    name: 'config reload',
    text: 'let the running node read its file again, and tell what is in force',
    options: [JSON_OUTPUT],
    load: async () => ({ run: (await import('./commands/config/config.ts')).reload }),
  },
  {
    name: 'invite',
    args: '[WHAT] [ID]',
    text: 'print a line that makes another node one of yours; WHAT: home, friend, list, or revoke with the beginning of an ID',
    options: [
      { flag: '--for <NAME>', text: 'for whom it is: a note of yours' },
      { flag: '--hours <N>', text: 'how long it is good (default 24)' },
      { flag: '--uses <N>', text: 'for how many nodes (default 1)' },
      JSON_OUTPUT,
    ],
    load: () => import('./commands/join/invite.ts'),
  },
  {
    name: 'join',
    args: '<INVITATION>',
    text: 'follow an invitation: at once, without a restart, and for good',
    options: [JSON_OUTPUT],
    load: () => import('./commands/join/join.ts'),
  },
  {
    name: 'pair',
    args: '[PEER]',
    text: 'make a node here and this one one home, by six digits on both screens; without PEER: answer the node that asks',
    options: [
      { flag: '--friend', text: 'make the two owners friends instead' },
      { flag: '--yes <DIGITS>', text: 'the digits that the other node shows, for scripts' },
      { flag: '--no', text: 'refuse, or say that the digits differ' },
      JSON_OUTPUT,
    ],
    load: () => import('./commands/join/pair.ts'),
  },
  {
    name: 'name',
    args: '[NEW]',
    text: 'what people call this node; with NEW: what they call it from now on',
    options: [JSON_OUTPUT],
    load: () => import('./commands/config/name.ts'),
  },
  {
    name: 'swarm key',
    args: '[WHAT]',
    text: 'which swarm this home is in: the open one, or a private one; WHAT: make, for a key of a new private swarm',
    options: [JSON_OUTPUT],
    load: () => import('./commands/join/swarm-key.ts'),
  },
  {
    name: 'register',
    text: 'let nodes that show the swarm name this one, with its models; off by default',
    options: [
      { flag: '--contact <TEXT>', text: 'how people reach you, such as an address or a page' },
      { flag: '--off', text: 'take it back' },
      JSON_OUTPUT,
    ],
    load: () => import('./commands/config/register.ts'),
  },
  {
    name: 'consent',
    args: '<public|none>',
    text: "let queries of scope public go to strangers' machines, or no longer",
    options: [JSON_OUTPUT],
    load: () => import('./commands/node/consent.ts'),
  },
  {
    name: 'keys add',
    args: '[LABEL]',
    text: 'make an API key for the gateway',
    options: KEY_OPTIONS,
    load: async () => ({ run: (await import('./commands/node/keys.ts')).addKey }),
  },
  {
    name: 'keys change',
    args: '<KEY>',
    text: 'change what an API key is for and how much it may use, at once; none takes a limit away',
    options: KEY_OPTIONS,
    load: async () => ({ run: (await import('./commands/node/keys.ts')).changeKey }),
  },
  {
    name: 'keys list',
    text: 'API keys, without the keys themselves',
    options: [JSON_OUTPUT],
    load: async () => ({ run: (await import('./commands/node/keys.ts')).listKeys }),
  },
  {
    name: 'keys remove',
    args: '<KEY>',
    text: 'take an API key back, named as `keys list` prints it, by its label, or by itself',
    options: [],
    load: async () => ({ run: (await import('./commands/node/keys.ts')).removeKey }),
  },
  ...OPERATOR_COMMANDS,
  ...CONTROL_COMMANDS,
  {
    name: 'completion',
    args: '<bash|zsh|fish>',
    text: 'what makes a shell complete commands and flags',
    options: [],
    load: async () => ({ run: (await import('./cli/completion.ts')).completionOf(COMMANDS) }),
  },
  { name: 'version', text: 'versions', options: [JSON_OUTPUT], load: () => import('./cli/version.ts') },
]
