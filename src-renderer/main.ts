import { mount } from 'svelte';
import App from './app/App.svelte';
import { AppState } from './state/app-state.svelte';
import './styles/index.css';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
const app = new AppState();
void app.run();
mount(App, { target, props: { app } });
