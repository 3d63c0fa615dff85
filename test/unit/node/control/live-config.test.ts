import assert from 'node:assert/strict'
import type { RealmeshConfig } from '../../../../config/config.ts'
import { setRealm, setWorker } from '../../../../config/edit/edits.ts'
import { resolveConfig } from '../../../../config/file/resolve-config.ts'
import { type ConfigFile, fileSchema } from '../../../../config/schema/file-schema.ts'
import { realmSchema } from '../../../../config/schema/realm-schema.ts'
import { workerSchema } from '../../../../config/schema/worker-schema.ts'
import { RealmeshError } from '../../../../core/realmesh-error.ts'
import { LiveConfig, type ReadConfig } from '../../../../node/control/live-config.ts'
import type { RosterReport } from '../../../../node/roster/worker-roster.ts'

/** A configuration as its file would give it. */
function fromFile(file: object): ReadConfig {
  const values = fileSchema.parse(file)
  return { values, config: resolveConfig(values, { federationId: 'federation_00000001' }) }
}

const desk = workerSchema.parse({ name: 'desk', engine: 'ollama', url: 'http://127.0.0.1:1' })

const NOTHING_MORE: RosterReport = { exchanged: [], problems: [] }

/** A live configuration over a file that the test may change, and everything that was put into force. */
function running(file: object = {}) {
  const state = {
    file: fromFile(file),
    applied: [] as RealmeshConfig[],
    refuse: false,
    report: NOTHING_MORE,
    /** Names of workers that cannot be used. */
    bad: [] as string[],
  }
  const live = new LiveConfig(
    {
      read: async () => state.file,
      apply: async (config) => {
        if (state.refuse) throw new RealmeshError('CONFIG_INVALID', 'no such key')
        state.applied.push(config)
        return state.report
      },
      checkWorkers: async (workers) => {
        const bad = workers.find(({ name }) => state.bad.includes(name))
        if (bad !== undefined) throw new RealmeshError('KEY_FILE_LAX', `${bad.name}: others may read its key`)
      },
    },
    state.file,
  )
  return { state, live }
}

const imagines = { ...desk, realms: ['$IMAGINE'] }

const withDesk = setWorker(desk)

describe('LiveConfig', () => {
  it('applies what a file that was read again changed, and names it', async () => {
    const { state, live } = running({ node: { scope: 'home' } })
    state.file = fromFile({ node: { scope: 'friends', network: 'lab' }, workers: [desk] })
    assert.deepEqual(await live.reload(), {
      applied: ['workers.desk', 'node.scope'],
      restart: ['node.network'],
      problems: [],
    })
    assert.deepEqual(state.applied, [state.file.config])
    assert.equal(live.config.node.scope, 'friends')
  })

  it('goes on naming what waits for a restart, however often the file is read', async () => {
    const { state, live } = running()
    state.file = fromFile({ node: { network: 'lab' } })
    await live.reload()
    const { applied, restart } = await live.reload()
    assert.ok(restart.includes('node.network'))
    assert.deepEqual(applied, [])
  })

  it('names a worker whose engine was exchanged though its lines are the same', async () => {
    const { state, live } = running({ workers: [desk] })
    state.report = { exchanged: ['desk'], problems: [] }
    assert.deepEqual((await live.reload()).applied, ['workers.desk'])
  })

  it('tells what the file wants and cannot have, and does not call it applied', async () => {
    const { state, live } = running()
    state.file = fromFile({ workers: [desk, { ...desk, name: 'lamp' }] })
    state.report = { exchanged: [], problems: [{ name: 'desk', reason: 'others may read its key' }] }
    const { applied, problems } = await live.reload()
    assert.deepEqual(applied, ['workers.lamp'])
    assert.deepEqual(problems, ['workers.desk: others may read its key'])
  })

  it('is what the parts read while a change is applied', async () => {
    const seen: unknown[] = []
    const { config } = fromFile({})
    const live = new LiveConfig(
      {
        apply: async () => {
          seen.push(live.config.node.scope)
          return NOTHING_MORE
        },
        checkWorkers: async () => {},
      },
      { config },
    )
    await live.replace({ ...config, node: { ...config.node, scope: 'public' } })
    assert.deepEqual(seen, ['public'])
  })

  it('refuses a changed worker that cannot be used; one that could not be used before does not matter', async () => {
    const { state, live } = running({ workers: [{ ...desk, name: 'lamp' }] })
    state.bad = ['desk', 'lamp']
    await assert.rejects(live.change(withDesk), { code: 'KEY_FILE_LAX', message: /desk/ })
    assert.deepEqual(state.applied, [])
    state.bad = ['lamp']
    await live.change(withDesk)
    assert.equal(live.config.workers.length, 2)
  })

  it('stays as it was when a change cannot be applied', async () => {
    const { state, live } = running()
    const before = live.config
    state.refuse = true
    state.file = fromFile({ workers: [desk] })
    await assert.rejects(live.reload(), { code: 'CONFIG_INVALID' })
    assert.equal(live.config, before)
    state.refuse = false
    await live.change(withDesk)
    assert.deepEqual(
      live.config.workers.map(({ name }) => name),
      ['desk'],
    )
  })

  it('refuses to read a file again where there is none', async () => {
    const { state } = running()
    const live = new LiveConfig({ apply: async () => NOTHING_MORE, checkWorkers: async () => {} }, state.file)
    await assert.rejects(live.reload(), { code: 'USAGE', fix: /restart/ })
  })

  it('changes realms and workers and leaves everything else alone', async () => {
    const { live } = running({ node: { scope: 'friends' } })
    const before = live.config
    await live.change(withDesk)
    await live.change(setRealm('$CODE', { primary_query_type: 'chat' }))
    assert.deepEqual({ ...live.config, realms: [], workers: [] }, { ...before, realms: [], workers: [] })
    assert.ok(live.config.realms.some(({ name }) => name === '$CODE'))
    assert.equal(live.config.workers[0]?.url, 'http://127.0.0.1:1')
  })

  it('keeps what was changed until the restart when the file is read again, as long as it fits', async () => {
    const { state, live } = running()
    assert.deepEqual(await live.change(withDesk), { lasts: 'until the restart', problems: [] })
    await live.reload()
    assert.deepEqual(
      live.config.workers.map(({ name }) => name),
      ['desk'],
    )
    await live.change(setWorker(imagines))
    state.file = fromFile({ realms: { $CHAT: { primary_query_type: 'chat' } } })
    const { problems } = await live.reload()
    assert.match(problems[0] ?? '', /until the restart are gone.*no realm \$IMAGINE/)
    assert.deepEqual(live.config.workers, [])
  })

  const misfits: readonly (readonly [what: string, file: object, change: Partial<ConfigFile>, message: RegExp])[] = [
    ['a worker for a realm that is not there', {}, { workers: [{ ...desk, realms: ['$CHT'] }] }, /no realm \$CHT/],
    ['a second worker of one name', {}, { workers: [desk, desk] }, /a second worker named desk/],
    ['the last realm gone', {}, { realms: {} }, /no realm at all/],
    [
      "a pool's member gone",
      { workers: [desk], realms: { $CHAT: { primary_query_type: 'chat', pools: { a: { members: ['desk'] } } } } },
      { workers: [] },
      /realms\.\$CHAT\.pools\.a\.members\[0\]: there is no worker desk/,
    ],
  ]
  for (const [what, file, change, message] of misfits) {
    it(`refuses ${what}, and nothing has changed`, async () => {
      const { live, state } = running(file)
      const before = live.config
      await assert.rejects(
        live.change((values) => ({ ...values, ...change })),
        { code: 'CONFIG_INVALID', message },
      )
      assert.equal(live.config, before)
      assert.deepEqual(state.applied, [])
    })
  }

  it('refuses more realms than a node may have', async () => {
    const { live } = running()
    const realm = realmSchema.parse({ primary_query_type: 'chat' })
    const realms = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`$R${i}`, realm]))
    await assert.rejects(
      live.change((values) => ({ ...values, realms })),
      { code: 'CONFIG_INVALID', message: /at most 32/ },
    )
  })

  it('makes two changes at once one after the other, so that neither undoes the other', async () => {
    const { live } = running()
    const lamp = { ...desk, name: 'lamp' }
    await Promise.all([live.change(withDesk), live.change(setWorker(lamp))])
    assert.deepEqual(
      live.config.workers.map(({ name }) => name),
      ['desk', 'lamp'],
    )
  })
})

describe('LiveConfig over a file', () => {
  /** What was written to the file, in its order. */
  function written(file: object = {}) {
    const { state } = running(file)
    let content = state.file.values
    const told: string[] = []
    const live = new LiveConfig(
      {
        read: async () => fromFile(content),
        prepare: async (edit) => {
          const before = content
          const after = fileSchema.parse(edit(before))
          return {
            loaded: fromFile(after),
            path: '/home/realms.yml',
            write: async () => {
              if (state.refuse) throw new RealmeshError('STORAGE_FAILED', 'read-only')
              told.push('written')
              content = after
            },
            takeBack: async () => {
              told.push('taken back')
              content = before
            },
          }
        },
        apply: async (config) => {
          if (state.bad.includes('apply')) throw new RealmeshError('CONFIG_INVALID', 'not now')
          state.applied.push(config)
          return state.report
        },
        checkWorkers: async () => {},
      },
      fromFile(file),
    )
    return { state, live, told, content: () => content }
  }

  const names = (workers: readonly { readonly name: string }[]): readonly string[] => workers.map(({ name }) => name)

  it('writes a change, unless it is to last until the restart', async () => {
    const { live, content, told } = written()
    assert.deepEqual(await live.change(setWorker(desk)), {
      lasts: 'written',
      file: '/home/realms.yml',
      restart: [],
      problems: [],
    })
    const lamp = { ...desk, name: 'lamp' }
    assert.equal((await live.change(setWorker(lamp), { lasts: 'until the restart' })).lasts, 'until the restart')
    assert.deepEqual([names(live.config.workers), names(content().workers)], [['desk', 'lamp'], ['desk']])
    await live.change(setWorker({ ...desk, slots: 3 } as never))
    assert.deepEqual([names(live.config.workers), live.config.workers[0]?.slots], [['desk', 'lamp'], 3])
    await live.reload()
    assert.deepEqual(names(live.config.workers), ['desk', 'lamp'])
    assert.deepEqual(told, ['written', 'written'])
  })

  it('lets the last word on a thing hold, written or not', async () => {
    const { live } = written({ workers: [desk] })
    await live.change(setWorker({ ...desk, slots: 2 } as never), { lasts: 'until the restart' })
    await live.change(setWorker({ ...desk, slots: 4 } as never))
    assert.equal(live.config.workers[0]?.slots, 4)
  })

  it('changes nothing when the file cannot be written', async () => {
    const { live, state } = written()
    state.refuse = true
    await assert.rejects(live.change(setWorker(desk)), { code: 'STORAGE_FAILED' })
    assert.deepEqual([live.config.workers, state.applied], [[], []])
  })

  it('takes back what it wrote when it cannot be applied', async () => {
    const { live, state, told, content } = written()
    state.bad = ['apply']
    await assert.rejects(live.change(setWorker(desk)), { message: 'not now' })
    assert.deepEqual([told, content().workers, live.config.workers], [['written', 'taken back'], [], []])
  })

  it('tells what is written and waits for a restart', async () => {
    const { live } = written()
    const { restart } = await live.change((file) => ({ ...file, node: { network: 'lab' } }))
    assert.deepEqual(restart, ['node.network'])
  })
})
