/** Codes of what the doctor finds on this machine, with or without a running node. */
import type { CodeRow } from './code-row.ts'

export const MACHINE_CODES = {
  'check.unknown': { state: 'unknown', means: 'A check failed or took too long.', fix: 'Run the doctor again.' },
  'check.skipped': { state: 'skipped', means: 'A check needs a running node.', fix: 'realmesh up' },
  'daemon.ok': { state: 'ok', means: 'A node runs with this home and answers.' },
  'daemon.stopped': { state: 'warn', means: 'No node runs with this home.', fix: 'realmesh up' },
  'daemon.silent': {
    state: 'fail',
    means: 'The process of the node lives and does not answer.',
    fix: 'Let it go on (kill -CONT PID), or end it and start it again.',
  },
  'start.refused': {
    state: 'fail',
    means: 'Something else keeps the node from starting.',
    fix: 'What the line says.',
  },
  'runtime.ok': { state: 'ok', means: 'Node.js is recent enough.' },
  'runtime.too-old': {
    state: 'fail',
    means: 'Node.js is older than realmesh needs.',
    fix: 'Install Node.js 20.19 or newer.',
  },
  'home.ok': { state: 'ok', means: "The home's folders and key files can be used." },
  'home.new': { state: 'ok', means: 'There is no home yet; the first start makes it.' },
  'home.unwritable': {
    state: 'fail',
    means: 'A folder of the home cannot be written to.',
    fix: 'Give --home a folder that you own and may write to.',
  },
  'home.key-lax': { state: 'fail', means: 'Others may read a key file.', fix: 'chmod 600 FILE' },
  'home.key-bad': {
    state: 'fail',
    means: 'A key file cannot be read, or holds no key.',
    fix: 'Put the right file back, or remove it: a new one is made.',
  },
  'home.gone': {
    state: 'fail',
    means: 'The home of the running node is gone.',
    fix: 'Put it back, or stop the node: nothing is kept any more.',
  },
  'disk.ok': { state: 'ok', means: 'There is room on the disk of the home.' },
  'disk.low': { state: 'warn', means: 'The disk of the home is filling up.', fix: 'Make room.' },
  'disk.full': {
    state: 'fail',
    means: 'The disk of the home is so full that nothing more is written.',
    fix: 'Make room; writing goes on by itself.',
  },
  'disk.no-inodes': {
    state: 'fail',
    means: 'The disk of the home has room, and no place for another file.',
    fix: 'Remove files that are not needed.',
  },
  'files.ok': { state: 'ok', means: 'The process may open enough files and connections.' },
  'files.few': {
    state: 'warn',
    means: 'The process may open too few files and connections at once.',
    fix: 'ulimit -n 1024 before the start (LimitNOFILE= in a systemd unit)',
  },
  'config.ok': { state: 'ok', means: 'The configuration is valid, and in force where a node runs.' },
  'config.invalid': {
    state: 'fail',
    means: 'The configuration is not valid, or cannot be read.',
    fix: 'realmesh config validate tells everything that is wrong.',
  },
  'config.differs': {
    state: 'warn',
    means: 'The file says something else than what is in force.',
    fix: 'realmesh config reload',
  },
  'config.waits': {
    state: 'warn',
    means: 'A change of the file is in force only after a restart.',
    fix: 'Restart the node.',
  },
  'config.warns': { state: 'warn', means: 'Something in the configuration is odd.', fix: 'realmesh config edit' },
  'ports.ok': { state: 'ok', means: 'The ports can be listened on, or are.' },
  'ports.taken': {
    state: 'fail',
    means: 'Another program has a port of the node.',
    fix: 'Stop that program, or choose another port: --http, --listen.',
  },
  'ports.moved': {
    state: 'warn',
    means: 'Another program has the usual port for peers; the node takes the next free one.',
    fix: 'Name the port (--listen) where other nodes or your router must know it.',
  },
  'ports.refused': {
    state: 'fail',
    means: 'The system does not let the node listen at an address.',
    fix: 'Choose an address of this machine and a port above 1023.',
  },
  'interfaces.ok': { state: 'ok', means: 'This machine has a network.' },
  'interfaces.none': {
    state: 'warn',
    means: 'This machine has no network but itself.',
    fix: 'Connect it; in a container, give it a network.',
  },
  'engines.ok': { state: 'ok', means: 'Engines of this machine answer, and have models.' },
  'engines.none': {
    state: 'warn',
    means: 'No engine was found: this node can only ask others.',
    fix: 'Start Ollama or another engine, or name one: --engine KIND=URL.',
  },
  'engines.down': {
    state: 'fail',
    means: 'An engine that the node is to use cannot be used.',
    fix: 'Start the engine, or correct its address; its own log says more.',
  },
  'engines.unused': {
    state: 'warn',
    means: 'Something listens where an engine could be, and is not used.',
    fix: 'realmesh engines says why; name kind and key to use it.',
  },
  'engines.empty': {
    state: 'warn',
    means: 'An engine answers and has no model.',
    fix: 'Give it one, such as: ollama pull llama3.2',
  },
  'gpu.ok': { state: 'ok', means: 'GPUs are seen.' },
  'gpu.none': { state: 'ok', means: 'No tool of this machine tells of a GPU: engines compute on the CPU.' },
  'gpu.idle': {
    state: 'warn',
    means: 'There is a GPU, and no engine that the node uses.',
    fix: 'Start an engine, such as Ollama: the node finds it.',
  },
  'webrtc.ok': { state: 'ok', means: 'WebRTC is installed.' },
  'webrtc.off': { state: 'skipped', means: 'The owner wants no direct ways by WebRTC (node.webrtc).' },
  'webrtc.missing': {
    state: 'warn',
    means: 'WebRTC is not installed: two nodes behind routers reach each other over a relay only.',
    fix: 'npm install @libp2p/webrtc beside realmesh',
  },
  'webrtc.broken': {
    state: 'warn',
    means: 'WebRTC is installed and does not run on this machine.',
    fix: 'npm install @libp2p/webrtc builds it anew; without it relays serve.',
  },
  'storage.ok': { state: 'ok', means: 'User data is well.' },
  'storage.warns': {
    state: 'warn',
    means: 'Something is wrong with the stores of user data.',
    fix: 'realmesh shards status; realmesh verify reads everything.',
  },
} as const satisfies Readonly<Record<string, CodeRow>>
