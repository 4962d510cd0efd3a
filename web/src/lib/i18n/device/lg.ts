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
  'scan.title': 'Soma koodi',
  'scan.hint': 'Koodi giteeke mu maaso ga kkamera.',
  'scan.no_camera': 'Kkamera tesobola kukozesebwa. Gikkirize mu nteekateeka za bulawuza, oba wandiika koodi.',
  'scan.insecure': 'Kkamera ekola awo wokka endagiriro w’etandikira ne https.',
  'scan.type': 'Wandiika koodi',
  'scan.torch': 'Ettaala',
} satisfies Translation<typeof english>
