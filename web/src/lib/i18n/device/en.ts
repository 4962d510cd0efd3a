/** The words about this device as a till: its memory, its right to deliver, its loss. */
import type { Words } from '../types'

export default {
  'device.refused': 'The server takes nothing more from this till',
  'device.refused_text': 'Its right to deliver was ended, as for a lost device. If it is in your hands, let it deliver again: what waits is sent then.',
  'device.refused_ask': 'Its right to deliver was ended. What waits is safe here: show this to the owner.',
  'device.renew': 'Let this till deliver again',
  'device.short': 'Only {n} MB are left on this device',
  'device.short_text': 'When it is full, the till cannot sell. Delete photos or apps, and let what waits be sent.',
  'device.used': 'Duka holds {n} MB on this device.',
  'device.safe': 'The browser keeps it until you delete it.',
  'device.keep': 'Ask the browser to keep it',
  'device.kept': 'The browser keeps it.',
  'device.not_kept': 'The browser has not agreed yet. Put Duka on the home screen and ask again.',
  'lost.title': 'This device was the till {code}',
  'lost.text': 'Its memory is gone: the browser or somebody deleted it. What it had delivered is with the server; what it had not is not here any more.',
  'lost.file': 'Was it saved to a file before? Make this device a till and take the file in.',
  'lost.declare': 'Else the owner closes till {code} under Registers and gives up the numbers that never arrived.',
  'lost.take_in': 'Take in a file',
  'lost.read': 'I have read this',
} satisfies Words
