/** A list that a page needs whole: roles, branches, locations. */
import { listed, type Listed, type Query } from './listed'

const PAGE = 200

/** All rows of a list, page after page. Only for lists that a shop keeps short. Throws Refusal, Unreachable. */
export async function wholeList<Row>(path: string, query: Query = {}): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | null = null
  do {
    const part: Listed<Row> = await listed<Row>(path, { limit: PAGE, ...query, cursor })
    rows.push(...part.rows)
    cursor = part.page.next_cursor
  } while (cursor)
  return rows
}
