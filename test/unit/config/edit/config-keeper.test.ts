import assert from 'node:assert/strict'
import { chmod, lstat, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigKeeper } from '../../../../config/edit/config-keeper.ts'
import { setAt, setRealm } from '../../../../config/edit/edits.ts'
import { loadConfig } from '../../../../config/file/load-config.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const TEXT = '# mine\nnode:\n  scope: home # for now\n'
const withCode = setRealm('$CODE', { primary_query_type: 'chat' })

describe('ConfigKeeper', () => {
  const folder = temporaryFolder()
  let file: string
  let keeper: ConfigKeeper
  const taken: string[] = []

  const open = async (flags = {}): Promise<ConfigKeeper> => {
    const home = { configFile: file, federationKey: folder.path('federation.key') }
    const input = { home, flags, createFederationKey: true }
    const onTaken = ({ text }: { readonly text: string }): void => void taken.push(text)
    return new ConfigKeeper({ onTaken }, input, await loadConfig(input))
  }

  beforeEach(async () => {
    file = folder.path('home/realms.yml')
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, TEXT, { mode: 0o640 })
    await chmod(file, 0o640)
    taken.length = 0
    keeper = await open()
  })

  afterEach(() => rm(dirname(file), { recursive: true, force: true }))

  it('writes a change with comments and mode kept, and knows it as what is in force', async () => {
    const prepared = await keeper.prepare(withCode)
    assert.ok(prepared.loaded.config.realms.some(({ name }) => name === '$CODE'))
    assert.equal(await readFile(file, 'utf8'), TEXT)
    await prepared.write()
    const text = await readFile(file, 'utf8')
    assert.ok(text.startsWith(TEXT) && text.includes('$CODE'), text)
    assert.equal((await stat(file)).mode & 0o777, 0o640)
    assert.deepEqual([keeper.loaded.text, taken], [text, [text]])
    await (await keeper.prepare(setAt(['node', 'scope'], 'local'))).write()
    assert.match(await readFile(file, 'utf8'), /scope: local # for now/)
  })

  it('follows a link, which stays a link', async () => {
    const real = folder.path('home/real.yml')
    await writeFile(real, TEXT)
    await rm(file)
    await symlink('real.yml', file)
    keeper = await open()
    await (await keeper.prepare(withCode)).write()
    assert.ok((await lstat(file)).isSymbolicLink())
    assert.match(await readFile(real, 'utf8'), /\$CODE/)
  })

  it('refuses a file that was changed since it was read, at any moment before the rename', async () => {
    const prepared = await keeper.prepare(withCode)
    await writeFile(file, `${TEXT}# by hand\n`)
    await assert.rejects(prepared.write(), { code: 'CONFIG_CHANGED', fix: /config reload/ })
    await assert.rejects(keeper.prepare(withCode), { code: 'CONFIG_CHANGED' })
    assert.equal(await readFile(file, 'utf8'), `${TEXT}# by hand\n`)
    await keeper.reread()
    await (await keeper.prepare(withCode)).write()
    assert.match(await readFile(file, 'utf8'), /\$CODE.*# by hand\n/s)
  })

  it('of two changes that were prepared at once writes one', async () => {
    const [one, other] = await Promise.all([keeper.prepare(withCode), keeper.prepare(setAt(['node', 'mdns'], false))])
    await one.write()
    await assert.rejects(other.write(), { code: 'CONFIG_CHANGED' })
  })

  it('takes a change back, also one that made the file', async () => {
    const prepared = await keeper.prepare(withCode)
    await prepared.write()
    await prepared.takeBack()
    assert.deepEqual([await readFile(file, 'utf8'), keeper.loaded.text], [TEXT, TEXT])
    await rm(file)
    keeper = await open()
    const first = await keeper.prepare(withCode)
    await first.write()
    assert.match(await readFile(file, 'utf8'), /\$CHAT.*\$CODE/s)
    await first.takeBack()
    await assert.rejects(readFile(file), { code: 'ENOENT' })
  })

  it('takes back no file that another writer has changed since, also where it made the file', async () => {
    await rm(file)
    keeper = await open()
    const first = await keeper.prepare(withCode)
    await first.write()
    await writeFile(file, `${TEXT}# by hand\n`)
    await assert.rejects(first.takeBack(), { code: 'CONFIG_CHANGED' })
    assert.equal(await readFile(file, 'utf8'), `${TEXT}# by hand\n`)
  })

  it('says so when the file cannot be written, and nothing has changed', async () => {
    await rm(dirname(file), { recursive: true })
    file = folder.path('home/realms.yml')
    await mkdir(dirname(file), { recursive: true })
    keeper = await open()
    const prepared = await keeper.prepare(withCode)
    await rm(dirname(file), { recursive: true })
    await assert.rejects(prepared.write(), { code: 'STORAGE_FAILED', message: /realms\.yml cannot be written/ })
    assert.deepEqual(taken, [])
  })

  it('refuses what would not be valid', async () => {
    await assert.rejects(keeper.prepare(setAt(['node', 'scope'], 'everywhere')), { code: 'CONFIG_INVALID' })
    assert.equal(await readFile(file, 'utf8'), TEXT)
  })

  it('lays flags over what it wrote', async () => {
    keeper = await open({ scope: 'friends' })
    const { loaded } = await keeper.prepare(setAt(['node', 'scope'], 'local'))
    assert.equal(loaded.config.node.scope, 'friends')
  })
})
