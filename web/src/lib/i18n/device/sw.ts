import type { Translation } from '../types'
import type english from './en'

export default {
  'device.refused': 'Seva haipokei tena kutoka kaunta hii',
  'device.refused_text': 'Ruhusa yake ya kutuma ilikatishwa, kama kifaa kilichopotea. Ikiwa unacho mkononi, kiruhusu kitume tena: kinachosubiri kitatumwa.',
  'device.refused_ask': 'Ruhusa yake ya kutuma ilikatishwa. Kinachosubiri ni salama hapa: mwonyeshe mwenye duka.',
  'device.renew': 'Ruhusu kaunta itume tena',
  'device.short': 'Zimebaki MB {n} tu kwenye kifaa hiki',
  'device.short_text': 'Kikijaa, kaunta haiwezi kuuza. Futa picha au programu, na acha kinachosubiri kitumwe.',
  'device.used': 'Duka inatumia MB {n} kwenye kifaa hiki.',
  'device.safe': 'Kivinjari kinaihifadhi hadi uifute.',
  'device.keep': 'Omba kivinjari kiihifadhi',
  'device.kept': 'Kivinjari kinaihifadhi.',
  'device.not_kept': 'Kivinjari bado hakijakubali. Weka Duka kwenye skrini ya mwanzo kisha uombe tena.',
  'lost.title': 'Kifaa hiki kilikuwa kaunta {code}',
  'lost.text': 'Kumbukumbu yake imefutwa na kivinjari au mtu. Kilichotumwa kipo kwenye seva; ambacho hakikutumwa hakipo tena hapa.',
  'lost.file': 'Ilihifadhiwa kwenye faili? Fanya kifaa hiki kaunta kisha uingize faili.',
  'lost.declare': 'La sivyo, mwenye duka afunge kaunta {code} kwenye Mashine za kaunta na kuziacha namba ambazo hazikufika.',
  'lost.take_in': 'Ingiza faili',
  'lost.read': 'Nimesoma',
} satisfies Translation<typeof english>
