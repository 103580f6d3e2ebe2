/** Lets the keyboard scroll a region that holds nothing to be focused; for `{@attach}`. */
export function keyboardScrollable(region: HTMLElement): void {
  region.tabIndex = 0;
}
