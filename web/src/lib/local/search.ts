/** Finding items while somebody types: word by word, in the joined labels of the catalogue's chunks. */
import { CHUNK_ROWS, isSold, type Chunk } from './chunks'
import { foldLines } from './fold'

const BREAK = '\n'
const NAME_BEGINS = 0
const WORD_BEGINS = 1
const CODE_BEGINS = 2
const INSIDE = 3
const WORDS_MAX = 8

interface Lines {
  /** A break before every line. */
  texts: string
  /** Where each line begins, and behind the last where one more would. */
  starts: Uint32Array
}

interface Hit {
  slot: number
  rank: number
  text: string
}

const known = new WeakMap<Chunk, Lines>()

/**
 * Give the places (slot = chunk x 500 + row) of items that hold all words of a folded text, at most `limit`: first
 * those whose name begins with it, then those where a word does, then sku or barcode, then any place. Each rank by
 * name. `groups`: only items of these.
 */
export function findIn(chunks: readonly Chunk[], text: string, groups: Set<string> | null, limit: number): number[] {
  const words = text.split(' ').filter(Boolean).slice(0, WORDS_MAX)
  const best = new Best(limit)
  for (const [turn, chunk] of chunks.entries()) scan(chunk, turn * CHUNK_ROWS, words, groups, best, true)
  // Names that begin with it come first whatever else there is: where they are enough, nothing else is looked at.
  if (!best.full) for (const [turn, chunk] of chunks.entries()) scan(chunk, turn * CHUNK_ROWS, words, groups, best, false)
  return best.slots()
}

/** Look at the lines that begin with the first word, or at those that hold it elsewhere. */
function scan(chunk: Chunk, first: number, words: string[], groups: Set<string> | null, best: Best, beginning: boolean): void {
  const { texts, starts } = linesOf(chunk)
  const wanted = groups && chunk.words.map((word) => groups.has(word))
  const [lead = '', ...others] = words
  const sought = beginning ? BREAK + lead : lead
  const skipped = beginning ? 1 : 0
  let row = 0
  for (let found = texts.indexOf(sought); found >= 0 && row < chunk.rows; ) {
    const at = found + skipped
    while (starts[row + 1]! <= at) row += 1
    const start = starts[row]!
    const end = starts[row + 1]! - 1
    if ((beginning || at > start) && isSold(chunk, row) && (!wanted || wanted[chunk.groups[row]!])) {
      const rank = beginning ? NAME_BEGINS : rankOf(texts, start, end, at, lead)
      if (best.wants(rank, texts, start, end)) {
        const line = texts.slice(start, end)
        if (others.every((word) => line.includes(word))) best.add({ slot: first + row, rank, text: line })
      }
    }
    row += 1
    if (end + 1 > texts.length) break
    // A line's own break stands before its first letter.
    found = texts.indexOf(sought, end + 1 - skipped)
  }
}

function rankOf(texts: string, start: number, end: number, at: number, lead: string): number {
  for (let found = at; found >= 0 && found < end; found = texts.indexOf(lead, found + 1)) {
    const before = texts.charCodeAt(found - 1)
    if (isLetter(before)) continue
    const tab = texts.indexOf('\t', start)
    return found < tab ? WORD_BEGINS : CODE_BEGINS
  }
  return INSIDE
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127
}

function linesOf(chunk: Chunk): Lines {
  let lines = known.get(chunk)
  if (!lines) {
    const texts = BREAK + foldLines(chunk.labels)
    const starts = new Uint32Array(chunk.rows + 1)
    let at = (starts[0] = 1)
    for (let row = 1; row <= chunk.rows; row += 1) {
      const found = texts.indexOf(BREAK, at)
      at = found < 0 ? texts.length + 1 : found + 1
      starts[row] = at
    }
    known.set(chunk, (lines = { texts, starts }))
  }
  return lines
}

/** The best hits so far: as many as are wanted, sorted by rank and then name. */
class Best {
  private hits: Hit[] = []

  constructor(private readonly limit: number) {}

  get full(): boolean {
    return this.hits.length >= this.limit
  }

  /** Tell whether what stands between two places would be among them; nothing is cut out of the text for those that are not. */
  wants(rank: number, texts: string, start: number, end: number): boolean {
    if (!this.full) return true
    const last = this.hits[this.hits.length - 1]!
    return rank === last.rank ? precedes(texts, start, end, last.text) : rank < last.rank
  }

  add(hit: Hit): void {
    let low = 0
    let high = this.hits.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (before(hit, this.hits[middle]!)) high = middle
      else low = middle + 1
    }
    this.hits.splice(low, 0, hit)
    if (this.hits.length > this.limit) this.hits.pop()
  }

  slots(): number[] {
    return this.hits.map((hit) => hit.slot)
  }
}

function before(one: Hit, other: Hit): boolean {
  return one.rank !== other.rank ? one.rank < other.rank : one.text < other.text
}

/** Compare as `<` does, letter by letter where they stand. */
function precedes(texts: string, start: number, end: number, other: string): boolean {
  const length = Math.min(end - start, other.length)
  for (let place = 0; place < length; place += 1) {
    const difference = texts.charCodeAt(start + place) - other.charCodeAt(place)
    if (difference !== 0) return difference < 0
  }
  return end - start < other.length
}
