import assert from 'node:assert/strict'
import { HOME_COMMANDS, withHome } from '../../../../bin/cli/printed-commands.ts'
import { COMMANDS } from '../../../../bin/command-table.ts'

/** Commands that need no home. */
const WITHOUT_HOME = ['gpus', 'swarm up', 'swarm run', 'completion', 'version']

describe('printed commands', () => {
  it('carry the home, each of them, and once', () => {
    assert.equal(
      withHome('realmesh ask "Hello"; `realmesh config reload`, or realmesh keys add --home x', ' --home one'),
      'realmesh ask --home one "Hello"; `realmesh config reload --home one`, or realmesh keys add --home x',
    )
    assert.equal(withHome('realmesh up', ''), 'realmesh up')
  })

  it('are told from words about realmesh', () => {
    const prose = 'realmesh: another realmesh node listens; What is realmesh?'
    assert.equal(withHome(prose, ' --home one'), prose)
  })

  it('are all that need a home', () => {
    const names = COMMANDS.map(({ name }) => name).filter((name) => !WITHOUT_HOME.includes(name))
    assert.deepEqual(
      names.filter((name) => !HOME_COMMANDS.some((known) => known === name)),
      [],
    )
  })
})
