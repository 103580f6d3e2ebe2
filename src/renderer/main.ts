import { mount } from 'svelte';
import './theme/fonts.css';
import './theme/base.css';
import Root from './Root.svelte';

mount(Root, { target: document.getElementById('app')! });
