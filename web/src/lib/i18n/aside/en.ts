/** The words of goods put aside. */
import type { Words } from '../types'

export default {
  'aside.new': 'Put aside',
  'aside.title': 'Put goods aside',
  'aside.which': 'Which',
  'aside.quantity': 'How much',
  'aside.until': 'Until',
  'aside.until_hint': 'Then it is for sale again by itself. Left empty, until you put it back on sale.',
  'aside.note': 'For whom',
  'aside.note_hint': 'What you will know it by when somebody comes for it.',
  'aside.done': '{name} is put aside.',
  'aside.release': 'Back on sale',
  'aside.release_ask': 'Put {name} back on sale? Nobody is kept it any more.',
  'aside.released': '{name} is on sale again.',
  'aside.empty': 'Nothing is put aside',
  'aside.empty_text': 'What you keep for a customer, and what is kept for held carts and unpaid sales, is listed here. Nobody else is sold it.',
  'aside.for.customer': 'By hand',
  'aside.for.cart': 'For a held cart',
  'aside.for.sale': 'For an unpaid sale',
  'aside.for.order': 'For an order',
  'aside.for.repair': 'For a repair',
  'aside.state.open': 'Put aside now',
  'aside.state.taken': 'Handed over',
  'aside.state.released': 'Back on sale',
  'aside.state.expired': 'Not fetched in time',
} satisfies Words
