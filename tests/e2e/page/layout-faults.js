/**
 * Measures what a window shows, from inside the page: texts that overlap, are cut or covered, and controls that cannot
 * be reached or are too small for a finger. Defines `layoutFaults` for `page.evaluate`.
 */
(() => {
  /** Boxes may touch, and the room above and below letters may overlap by so much. */
  const SLACK_PX = 2;
  const FINGER_PX = 40;
  const FOCUSABLE =
    'button:not(:disabled), input:not([type=hidden]):not(:disabled), select, textarea, a[href], [tabindex]:not([tabindex="-1"])';

  /** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */

  /** @param {Element} element */
  const isVisible = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !element.closest('.unseen, [inert]') &&
    // Libraries hide what is only read aloud in a box of one pixel.
    element.getBoundingClientRect().width > 1 &&
    !getComputedStyle(element).clipPath.startsWith('inset(50%');

  /** @param {Box} box */
  const isEmpty = ({ left, top, right, bottom }) => right - left < 0.5 || bottom - top < 0.5;

  /** @param {Box} a @param {Box} b @returns {Box} */
  const intersection = (a, b) => ({
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  });

  /**
   * Follows a box outwards through everything that clips it.
   *
   * @param {Element} start - the element whose contents the box is
   * @param {Box} box
   * @returns {{ seen: Box, cut: Element | undefined, isLost: boolean }} what is seen of it without scrolling; what cuts it
   *   where no scrolling helps, and whether it cuts all of it
   */
  function follow(start, box) {
    /** @type {Box} */
    let seen = { left: box.left, top: box.top, right: box.right, bottom: box.bottom };
    /** @type {Element | undefined} */
    let cut;
    let isLost = false;
    let position = 'static';
    for (
      let element = /** @type {Element | null} */ (start);
      element && element !== document.body;
      element = element.parentElement
    ) {
      const style = getComputedStyle(element);
      const holds = position !== 'absolute' || style.position !== 'static' || style.transform !== 'none';
      if (holds && position !== 'fixed') {
        const edge = element.getBoundingClientRect();
        const inner = { left: edge.left, top: edge.top, right: edge.left, bottom: edge.top };
        inner.left += element.clientLeft;
        inner.top += element.clientTop;
        inner.right = inner.left + element.clientWidth;
        inner.bottom = inner.top + element.clientHeight;
        for (const [low, high, overflow, scrolled] of /** @type {const} */ ([
          ['left', 'right', style.overflowX, element.scrollLeft],
          ['top', 'bottom', style.overflowY, element.scrollTop],
        ])) {
          if (overflow === 'visible' || element.clientWidth === 0) continue;
          const scrolls = overflow === 'auto' || overflow === 'scroll';
          const unreachable = scrolls
            ? seen[low] + scrolled < inner[low] - SLACK_PX
            : seen[low] < inner[low] - SLACK_PX || seen[high] > inner[high] + SLACK_PX;
          const hasEllipsis = low === 'left' && style.textOverflow === 'ellipsis';
          if (unreachable && !hasEllipsis && !isEmpty(seen)) {
            cut ??= element;
            isLost ||=
              (seen[low] + seen[high]) / 2 < inner[low] || (seen[low] + seen[high]) / 2 > inner[high];
          }
          seen[low] = Math.max(seen[low], inner[low]);
          seen[high] = Math.min(seen[high], inner[high]);
        }
        position = style.position;
      }
      if (position === 'static' || style.position === 'fixed') position = style.position;
    }
    const page = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    if (
      !isEmpty(seen) &&
      (seen.left < -SLACK_PX ||
        seen.top < -SLACK_PX ||
        seen.right > innerWidth + SLACK_PX ||
        seen.bottom > innerHeight + SLACK_PX)
    ) {
      cut ??= document.documentElement;
      isLost ||= isEmpty(intersection(seen, page));
    }
    return { seen: intersection(seen, page), cut, isLost };
  }

  /** @param {Element} element */
  const layerOf = (element) => {
    let layer = element;
    while (layer.parentElement && layer.parentElement !== document.body) layer = layer.parentElement;
    // What the window itself floats over its views.
    return element.closest('.toasts, [data-floating]') ?? layer;
  };

  /** @param {Element} element */
  const place = (element) => {
    const owner = element.closest('[aria-label]');
    const name = `${element.tagName.toLowerCase()}${element.classList[0] ? `.${element.classList[0]}` : ''}`;
    return owner ? `${name} in "${owner.getAttribute('aria-label')}"` : name;
  };

  /** @param {{ isTouched: boolean }} options @returns {string[]} */
  function layoutFaults({ isTouched }) {
    /** @type {string[]} */
    const faults = [];
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) faults.push(`the page is ${scrollWidth} px wide`);

    /** @type {{ text: string, element: Element, layer: Element, box: Box }[]} */
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim();
      if (!element || !text || ['SCRIPT', 'STYLE'].includes(element.tagName) || !isVisible(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (isEmpty(box)) continue;
        const { seen, cut } = follow(element, box);
        if (cut) faults.push(`cut: "${text}" (${place(element)}) by ${place(cut)}`);
        if (!isEmpty(seen)) texts.push({ text, element, layer: layerOf(element), box: seen });
      }
    }
    for (const [i, one] of texts.entries()) {
      for (const other of texts.slice(i + 1)) {
        if (one.element === other.element || one.layer !== other.layer) continue;
        const both = intersection(one.box, other.box);
        if (both.right - both.left <= SLACK_PX || both.bottom - both.top <= SLACK_PX) continue;
        faults.push(
          `overlap: "${one.text}" (${place(one.element)}) and "${other.text}" (${place(other.element)})`,
        );
      }
      // Something opaque of the same layer over a text hides it as well as another text does.
      if (getComputedStyle(one.element).pointerEvents === 'none') continue;
      const { left, top, right, bottom } = one.box;
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      if (!hit || hit.contains(one.element) || one.element.contains(hit)) continue;
      if (hit.closest('label')?.contains(one.element) || layerOf(hit) !== one.layer) continue;
      faults.push(`covered: "${one.text}" (${place(one.element)}) by ${place(hit)}`);
    }

    for (const element of document.querySelectorAll(FOCUSABLE)) {
      const box = element.getBoundingClientRect();
      if (!isVisible(element) || isEmpty(box) || element.getAttribute('aria-hidden') === 'true') continue;
      const { cut, isLost } = follow(element.parentElement ?? element, box);
      const name = element.getAttribute('aria-label') ?? element.textContent.trim();
      if (cut && isLost) faults.push(`out of reach: ${place(element)} "${name}"`);
      // A term that is explained is a word of a text: such targets may be as small as the text (WCAG 2.5.8, "inline").
      const isInText = element.matches('.term-button');
      if (!isTouched || isInText || element.matches('[role=gridcell], [role=dialog], ul, section')) continue;
      const touched = (element.closest('label') ?? element).getBoundingClientRect();
      const width = Math.max(box.width, touched.width);
      const height = Math.max(box.height, touched.height);
      if (width < FINGER_PX - 0.5 || height < FINGER_PX - 0.5) {
        faults.push(`small: ${place(element)} "${name}" ${Math.round(width)} × ${Math.round(height)} px`);
      }
    }
    return [...new Set(faults)];
  }

  Object.assign(globalThis, { layoutFaults });
})();
