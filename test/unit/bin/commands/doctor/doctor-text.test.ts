import assert from 'node:assert/strict'
import { doctorText } from '../../../../../bin/commands/doctor/doctor-text.ts'
import { diagnosisOf } from '../../../../../core/model/finding.ts'
import { found } from '../../../../../node/doctor/codes/found.ts'

describe('what realmesh doctor prints', () => {
  const text = doctorText(
    diagnosisOf([
      found('runtime.ok', 'Node.js 22.0.0'),
      found('mdns.off', 'looking for neighbours is switched off'),
      found('clock.unknown', 'no peer has told its time yet'),
      found('engines.down', 'desk (ollama at http://127.0.0.1:11434/with/a/path): the engine refuses connections', {
        fix: 'start it',
      }),
      found('disk.low', '1.2 GB of 500 GB free on the disk of /home/desk\u001b[31m'),
      found('disk.ok', 'room on the other'),
    ]),
    60,
  )

  it('has what is broken first, with cause and fix, and what is well in one paragraph', () => {
    assert.equal(
      text,
      `FAIL desk (ollama at http://127.0.0.1:11434/with/a/path):
     the engine refuses connections [engines.down]
     fix: start it
warn 1.2 GB of 500 GB free on the disk of /home/desk [31m
     [disk.low]
     fix: Make room.
 ?   no peer has told its time yet [clock.unknown]
ok   runtime, disk
skipped mdns
`,
    )
  })

  it('stays within the terminal', () => {
    for (const line of text.split('\n')) assert.ok(line.length <= 60, line)
  })
})
