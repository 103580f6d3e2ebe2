import { PDFDocument, type SKRSContext2D } from '@napi-rs/canvas';
import type { Drawing } from './drawing.ts';
import { paint } from './paint.ts';
import { shownText } from '../../contract/shown-text.ts';

/**
 * Drawings as the pages of one PDF, each of its drawing's size: text as text, with its fonts in the file, pictures with
 * their own pixels. No date and no id is written, so that the same drawings give the same bytes.
 *
 * @param title - of the document
 */
export function renderPdf(drawings: readonly Drawing[], title: string): Uint8Array {
  const document = new PDFDocument({ title: shownText(title), creator: 'Unravel' });
  for (const drawing of drawings) {
    paint(document.beginPage(drawing.width, drawing.height) as SKRSContext2D, drawing, 1e6);
    document.endPage();
  }
  return document.close();
}
