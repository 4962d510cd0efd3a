/** Words that lists and forms of several subjects share; their parts take them in. */
import type { Words } from '../types'

export default {
  'list.export': 'Export',
  'papers.kept': 'Kept on this device. It is sent as soon as there is a network.',
  'papers.show': 'Show',
  'papers.waits': 'waits to be sent',
  'papers.aside': 'not taken',
  'list.export_csv': 'CSV file',
  'list.export_xlsx': 'Excel file',
  'list.exporting': 'Writing the file. A long list takes a moment.',
  'list.exported': 'The file is saved.',
  'list.save_chosen': 'Save as CSV',
  'list.none_found': 'Nothing is like that',
  'list.none_found_text': 'Take a filter away, or search for less.',
  'list.days': 'Days',
  'list.amount': 'Amount',
  'list.least': 'From',
  'list.most': 'To',

  'form.draft': 'What you typed here before is back.',
  'form.draft_drop': 'Start afresh',
  'form.unsaved': 'Not saved yet',
  'form.saved': 'Saved.',
  'form.needed': 'This is needed.',
  'form.stale': 'Somebody changed this meanwhile',
  'form.stale_text': 'Changed by the other: {fields}.',
  'form.stale_same': 'What you see here is the same in both.',
  'form.stale_theirs': 'Take theirs',
  'form.stale_mine': 'Save mine over it',
  'form.check': 'Some fields need another look.',
} satisfies Words
