import type { Translation } from '../types'
import type english from './en'

export default {
  'outbox.title': 'Eby’okuweereza',
  'outbox.empty': 'Byonna biweerezeddwa',
  'outbox.waiting': { one: 'Ekiwandiiko {n} kirinda', other: 'Ebiwandiiko {n} birinda' },
  'outbox.since': '· {when}',
  'outbox.send': 'Weereza kati',
  'outbox.sending': 'Biweerezebwa…',
  'outbox.sent': 'Byonna biweerezeddwa.',
  'outbox.again': 'Gezaako nate',
  'outbox.export': 'Tereka mu fayiro',
  'outbox.choose_file': 'Londa fayiro',
  'outbox.tries': { one: 'egezeddwako omulundi {n}', other: 'egezeddwako emirundi {n}' },
  'outbox.kind.payment': 'Okusasula',
  'outbox.kind.customer': 'Kasitoma',
  'outbox.kind.drawer': 'Akasanduuko',

  'lost.read': 'Nsomye',
} satisfies Translation<typeof english>
