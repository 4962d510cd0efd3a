import type { Translation } from '../types'
import type english from './en'

export default {
  'lost.read': 'Nsomye',
} satisfies Translation<typeof english>
