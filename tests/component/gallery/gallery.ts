// A page of all building blocks, for looking at. Not part of the product: see shots.mjs.
import { mount } from 'svelte';
import '../../../src-renderer/styles/index.css';
import Gallery from './Gallery.svelte';

const target = document.getElementById('app');
if (target !== null) mount(Gallery, { target, props: { page: location.hash.slice(1) || 'controls' } });
