import type { Page } from 'playwright-core';

export const SCREENS = {
  phone: { width: 360, height: 640 },
  popup: { width: 600, height: 700 },
  desktop: { width: 1280, height: 800 },
} as const;

/**
 * Returns the words that are broken in the middle, except long ones such as permissions and URLs,
 * and the elements that reach beyond the window.
 */
export function layoutProblems(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const problems = [];
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) problems.push('scrolls horizontally');
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { data, parentElement } = texts.currentNode;
      if (!parentElement.checkVisibility() || parentElement.closest('option, script, style')) continue;
      for (const { 0: word, index } of data.matchAll(/[^\\s-]+/g)) {
        if (word.length > 20) continue;
        const range = document.createRange();
        range.setStart(texts.currentNode, index);
        range.setEnd(texts.currentNode, index + word.length);
        const tops = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        if (tops.size > 1) problems.push('breaks ' + word);
      }
    }
    for (const element of document.querySelectorAll('main, main *')) {
      if (!element.checkVisibility() || element.closest('#fb-root, option')) continue;
      const { left, right } = element.getBoundingClientRect();
      if (left < 0 || right > width) problems.push(element.outerHTML.slice(0, 80) + ' leaves the window');
    }
    return problems;
  })()`);
}

/**
 * Presses Tab until the focus leaves the page, and returns the text of each control that received
 * the focus and was completely visible then.
 */
export async function controlsByKeyboard(page: Page): Promise<string[]> {
  const reached: string[] = [];
  for (let presses = 0; presses < 50; presses += 1) {
    await page.keyboard.press('Tab');
    const control = await page.evaluate<string | null>(`(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) return null;
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const corners = [[left + 4, top + 4], [right - 4, bottom - 4]];
      const isVisible = corners.every(([x, y]) => document.elementFromPoint(x, y) === element);
      const name = element.matches('select') ? element.name : element.textContent.trim();
      return isVisible ? name : 'hidden: ' + name;
    })()`);
    if (control === null || reached.includes(control)) break;
    reached.push(control);
  }
  return reached;
}
