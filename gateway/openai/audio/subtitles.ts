/** Subtitles from the segments of a transcript: SubRip and WebVTT, made here so that every engine has them. */
import type { SegmentEvent } from '../../../core/query/query-event.ts'

/** The segments as SubRip, numbered from 1. */
export function toSrt(segments: readonly SegmentEvent[]): string {
  return segments.map((segment, i) => `${i + 1}\n${times(segment, ',')}\n${said(segment, prefixed)}\n\n`).join('')
}

/** The segments as WebVTT; a speaker who is known is the voice of the line. */
export function toVtt(segments: readonly SegmentEvent[]): string {
  return `WEBVTT\n\n${segments.map((segment) => `${times(segment, '.')}\n${said(segment, voiced)}\n\n`).join('')}`
}

function times({ start, end }: SegmentEvent, point: string): string {
  return `${stamp(start, point)} --> ${stamp(end, point)}`
}

/** Hours, minutes, seconds and thousandths. */
function stamp(seconds: number, point: string): string {
  const ms = Math.round(seconds * 1000)
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const clock = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map(two).join(':')
  return `${clock}${point}${String(ms % 1000).padStart(3, '0')}`
}

/** A blank line would end the subtitle. */
function said({ text, speaker }: SegmentEvent, by: (text: string, speaker: string) => string): string {
  const line = text.trim().replace(/\s*\n\s*/g, '\n')
  return speaker === undefined ? line : by(line, speaker)
}

const prefixed = (text: string, speaker: string): string => `[${speaker}] ${text}`

const voiced = (text: string, speaker: string): string => `<v ${speaker.replace(/[<>&\n]/g, ' ')}>${text}`
