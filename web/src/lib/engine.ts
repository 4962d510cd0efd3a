/** What runs behind the screens: hearing of news, pulling, delivering. Fetched once the first screen stands. */
export { startLive } from '$lib/api/live'
export { shopsThatWait } from '$lib/local/background'
export { startDraining } from '$lib/local/drain'
export { startPulling } from '$lib/local/pull'
