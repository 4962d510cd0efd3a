/** What a DataTable is told about its columns. */
import type { Snippet } from 'svelte'

export interface Column<Row> {
  key: string
  title: string
  /** Plain text of a cell; or draw it with `cell`. */
  value?: (row: Row) => string | number | null | undefined
  cell?: Snippet<[Row]>
  /** 'end' for money and counts. */
  align?: 'start' | 'end'
  /** The word the server sorts by; without it the column is not sortable. */
  sort?: string
  /** Left out on screens narrower than this. */
  from?: 'tablet' | 'desktop'
  /** Its place on a phone's card: the bold line, the figure beside it, a grey line below, or nowhere. */
  card?: 'title' | 'aside' | 'line' | 'none'
}
