/** The command line as a whole, in this process: what is printed, and with which status it ends. */
import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { COMMANDS } from '../../../bin/command-table.ts'
import { HELP_GROUPS, helpGroupOf } from '../../../bin/help-groups.ts'
import { type CommandResult, runCommand } from '../../support/command-context.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const run = (...argv: string[]): Promise<CommandResult> => runCommand(argv)

describe('realmesh', () => {
  const folder = temporaryFolder()

  const mistakes: readonly (readonly [argv: string, cause: RegExp, fix: RegExp])[] = [
    ['', /no command given/, /realmesh up/],
    ['stat', /unknown command 'stat'/, /status/],
    ['up --htp x', /unknown option '--htp'/, /--http/],
    ['keys', /no command given/, /realmesh keys --help/],
    ['status extra', /too many arguments/, /realmesh status --help/],
    ['config get', /missing required argument 'PATH'/, /realmesh config get --help/],
    ['up --http', /argument missing/, /--help/],
    ['swarm up -n 0', /from 1 to 200/, /swarm up -n 3/],
    ['swarm up -n 2 --engine-on 2=ollama=http://h', /from 0 to 1/, /--engine-on/],
    ['ask --home HOME -', /the prompt is empty/, /realmesh ask/],
    ['config get --home HOME node..', /is not a path/, /node\.http/],
    ['config get --home HOME node.htp', /no value at node\.htp/, /did you mean http\?/],
    ['keys remove --home HOME sk-none', /no key sk-none/, /keys list/],
    ['consent --home HOME maybe', /expected public or none/, /consent --home \S+ public/],
  ]
  for (const [argv, cause, fix] of mistakes) {
    it(`answers "realmesh ${argv}" with one line of cause, one line of fix, and status 2`, async () => {
      const words = argv.split(' ').filter((word) => word !== '')
      const { err, out, status } = await run(...words.map((word) => (word === 'HOME' ? folder.path('h') : word)))
      const [first = '', second = '', ...rest] = err.split('\n')
      assert.match(first, /^realmesh: .* \[USAGE\]$/)
      assert.match(first, cause)
      assert.match(second, /^ {2}fix: /)
      assert.match(second, fix)
      assert.deepEqual([rest, out, status], [[''], '', 2])
    })
  }

  it('lists every command in its help, and the exit statuses', async () => {
    const { out, status } = await run('--help')
    assert.equal(status, 0)
    for (const { name } of COMMANDS) assert.match(out, new RegExp(`^ {2}${name.split(' ')[0]}\\b`, 'm'))
    assert.match(out, /3 no daemon/)
    assert.deepEqual(
      out.split('\n').filter((line) => line.length > 80),
      [],
    )
  })

  it('lists each command under one heading, and none under the common one', async () => {
    const { out } = await run('--help')
    const firsts = new Set(COMMANDS.map(({ name }) => name.split(' ')[0] ?? ''))
    for (const word of firsts) assert.notEqual(helpGroupOf(word), undefined, word)
    assert.doesNotMatch(out, /^Commands:$/m)
    const listed = [...out.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, word]) => word)
    assert.equal(new Set(listed).size, listed.length)
    for (const [heading, words] of HELP_GROUPS) {
      const [, section = ''] = out.split(`${heading}\n`)
      for (const word of words) assert.match(section.split('\n\n')[0] ?? '', new RegExp(`^ {2}${word}\\b`, 'm'))
    }
  })

  it('gives every command --home and --debug', async () => {
    for (const { name } of COMMANDS) {
      const { out } = await run(...name.split(' '), '--help')
      assert.match(out, /--home <DIR>/, name)
      assert.match(out, /--debug/, name)
    }
  })

  it('shows every setting of a node in the help of up', async () => {
    const { out } = await run('up', '--help')
    for (const flag of [
      '--config',
      '--http',
      '--listen',
      '--bootstrap',
      '--network',
      '--no-mdns',
      '--federation-key',
    ]) {
      assert.ok(out.includes(flag), flag)
    }
    for (const flag of ['--scope', '--share', '--engine', '--no-detect', '--no-builtin', '--json']) {
      assert.ok(out.includes(flag), flag)
    }
  })

  for (const command of ['status', 'peers', 'models', 'trace q', 'ask hello']) {
    it(`says that no daemon runs, with status 3: ${command}`, async () => {
      const { err, status } = await run(...command.split(' '), '--home', folder.path('h'))
      assert.match(err, /^realmesh: no daemon runs .* \[DAEMON_NOT_RUNNING\]\n {2}fix: .*realmesh up/)
      assert.equal(status, 3)
    })
  }

  it('prints stacks with --debug only', async () => {
    const argv = ['status', '--home', folder.path('h')]
    assert.doesNotMatch((await run(...argv)).err, /\n\s+at /)
    assert.match((await run(...argv, '--debug')).err, /\n\s+at /)
  })

  it('shows, gets, sets and validates the configuration', async () => {
    const home = ['--home', folder.path('h')]
    assert.equal((await run('config', 'get', 'node.network', ...home)).out, 'main\n')
    assert.equal((await run('config', 'set', 'node.network', 'lab', ...home)).status, 0)
    assert.equal((await run('config', 'get', 'node.network', ...home)).out, 'lab\n')
    const { out } = await run('config', 'show', '--origin', ...home)
    assert.match(out, /^node\.network = "lab" +# file .*realms\.yml:2:3$/m)
    assert.match(out, /^node\.mdns = true +# default$/m)
    assert.match((await run('config', 'validate', ...home)).out, /realms\.yml: valid\n$/)
  })

  it('tells everything that is wrong with a file, with status 4', async () => {
    await writeFile(folder.path('bad.yml'), 'node:\n  htp: x\n  mdns: yes\n')
    const { err, status } = await run('config', 'validate', folder.path('bad.yml'))
    assert.equal(status, 4)
    assert.match(err, /bad\.yml:2:3: node\.htp: unknown key \[CONFIG_INVALID\]\n {2}fix: did you mean http\?\n/)
    assert.match(
      err,
      /bad\.yml:3:9: node\.mdns: expected true or false, got "yes" \[CONFIG_INVALID\]\n {2}fix: write true\n/,
    )
    const json = JSON.parse((await run('config', 'validate', folder.path('bad.yml'), '--json')).out)
    assert.deepEqual([json.valid, json.problems.length, json.problems[0].line], [false, 2, 2])
  })

  it('leaves the file alone when a value is refused', async () => {
    const home = ['--home', folder.path('h')]
    await run('config', 'set', 'node.network', 'lab', ...home)
    const before = await readFile(folder.path('h', 'realms.yml'), 'utf8')
    assert.equal((await run('config', 'set', 'node.scope', 'publik', ...home)).status, 4)
    assert.equal(await readFile(folder.path('h', 'realms.yml'), 'utf8'), before)
  })

  it('makes keys that are shown once and kept as hashes', async () => {
    const home = ['--home', folder.path('h')]
    const key = (await run('keys', 'add', 'laptop', ...home)).out.trim()
    assert.match(key, /^sk-[A-Za-z0-9_-]{43}$/)
    const file = await readFile(folder.path('h', 'data', 'api-keys.json'), 'utf8')
    assert.ok(!file.includes(key.slice(9)))
    assert.match((await run('keys', 'list', ...home)).out, /laptop/)
    assert.equal((await run('keys', 'remove', key.slice(0, 8), ...home)).status, 0)
    assert.match((await run('keys', 'list', ...home)).out, /no keys/)
  })

  it('keeps consent to public queries until it is taken back', async () => {
    const home = ['--home', folder.path('h')]
    const file = folder.path('h', 'data', 'public-consent')
    await run('consent', 'public', ...home)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    await run('consent', 'none', ...home)
    await assert.rejects(stat(file), { code: 'ENOENT' })
  })

  it('prints its version, also as JSON', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'))
    assert.equal((await run('--version')).out, `${version}\n`)
    assert.equal(JSON.parse((await run('version', '--json')).out).realmesh, version)
  })
})
