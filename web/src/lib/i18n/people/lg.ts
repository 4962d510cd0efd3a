import lists from '../lists/lg'
import type { Translation } from '../types'
import type english from './en'

export default {
  ...lists,

  'staff.title': 'Abakozi',
  'staff.sub': 'Abakolera wano, ne bye bakkirizibwa okukola.',
  'staff.search': 'Erinnya, essimu oba emeyiro',
  'staff.invite': 'Yita',
  'staff.invite_title': 'Yita omuntu',
  'staff.name': 'Erinnya',
  'staff.phone': 'Essimu',
  'staff.email': 'Emeyiro',
  'staff.reach_hint': 'Essimu oba emeyiro yeetaagisa.',
  'staff.role': 'Ekifo',
  'staff.choose_role': 'Londa ekifo',
  'staff.branch': 'Ettabi',
  'staff.all_branches': 'Amatabi gonna',
  'staff.state.invited': 'Ayitiddwa',
  'staff.state.suspended': 'Ayimiriziddwa',
  'staff.never': 'Tannayingira',
  'staff.you': 'Ggwe',
  'staff.since': 'Okuva',
  'staff.empty': 'Okola wekka',
  'staff.suspend': 'Yimiriza',
  'staff.suspended_done': '{name} ayimiriziddwa.',
  'staff.activated_done': '{name} asobola okuyingira nate.',
  'staff.reset': 'Ekigambo ky’ekyama ekipya',
  'staff.pin_clear': 'Gyawo PIN',
  'staff.pin_cleared': 'PIN egyiddwawo.',
  'staff.remove': 'Gyawo',

  'roles.title': 'Ebifo by’abakozi',
  'roles.new': 'Ekifo ekipya',
  'roles.people': { one: 'omuntu {n}', other: 'abantu {n}' },
  'roles.all_rights': 'Byonna',
  'roles.all_parts': 'Byonna',
  'roles.name': 'Erinnya ly’ekifo',
} satisfies Translation<typeof english>
