import assert from 'node:assert/strict'
import type { SegmentEvent } from '../../../../../core/query/query-event.ts'
import { toSrt, toVtt } from '../../../../../gateway/openai/audio/subtitles.ts'

const segment = (start: number, end: number, text: string, speaker?: string): SegmentEvent => ({
  kind: 'segment',
  start,
  end,
  text,
  ...(speaker !== undefined && { speaker }),
})

describe('subtitles', () => {
  it('are numbered, with thousandths behind a comma, as SubRip', () => {
    assert.equal(
      toSrt([segment(0, 1.2345, ' one'), segment(3599.9996, 3661.5, ' two')]),
      '1\n00:00:00,000 --> 00:00:01,235\none\n\n2\n01:00:00,000 --> 01:01:01,500\ntwo\n\n',
    )
  })

  it('have a title, and a point, as WebVTT', () => {
    assert.equal(toVtt([segment(0, 1, ' one')]), 'WEBVTT\n\n00:00:00.000 --> 00:00:01.000\none\n\n')
    assert.equal(toVtt([]), 'WEBVTT\n\n')
  })

  it('name their speakers', () => {
    const said = [segment(0, 1, 'one', 'A<b>')]
    assert.match(toVtt(said), /^<v A b >one$/m)
    assert.match(toSrt(said), /^\[A<b>\] one$/m)
  })

  it('are not ended by a blank line in them', () => {
    assert.match(toSrt([segment(0, 1, 'one\n\n two')]), /\none\ntwo\n\n$/)
  })
})
