import { mount } from 'svelte';
import '../theme/base.css';
import './page.css';
import { PageDecoder } from './decoder/page-decoder.ts';
import Page from './Page.svelte';
import PageFailure from './PageFailure.svelte';
import { PageState } from './page-state.svelte.ts';
import { PageTheme } from './page-theme.svelte.ts';
import { readPage } from './read-page.ts';
import { Thumbnails } from './thumbnails.ts';

async function open(target: HTMLElement): Promise<void> {
  const theme = new PageTheme();
  try {
    const data = readPage(document);
    const thumbnails = await Thumbnails.open(data.description, data.thumbnails);
    const page = new PageState(data, new PageDecoder(data.description, data.weights), thumbnails, theme);
    mount(Page, { target, props: { page, theme } });
  } catch (error) {
    mount(PageFailure, { target, props: { reason: error instanceof Error ? error.message : String(error) } });
  }
}

void open(document.getElementById('app')!);
