import './app.css'

import { mount } from 'svelte'

import App from './App.svelte'
import { startRouting } from '$ui/router.svelte'

startRouting()
const target = document.getElementById('app')
if (target) mount(App, { target })
