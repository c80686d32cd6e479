/** Size of an element's content box in whole CSS pixels. One ResizeObserver serves the page. */
import { type RefCallback, useCallback, useRef, useState } from 'react';

export interface Size {
  readonly width: number;
  readonly height: number;
}

const NO_SIZE: Size = { width: 0, height: 0 };
const watched = new Map<Element, (size: Size) => void>();
let observer: ResizeObserver | undefined;

function sharedObserver(): ResizeObserver {
  observer ??= new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      watched.get(target)?.({ width: Math.floor(contentRect.width), height: Math.floor(contentRect.height) });
    }
  });
  return observer;
}

/** `[ref, size]`; the size is 0 × 0 until the element was measured. */
export function useSize(): readonly [RefCallback<HTMLElement>, Size] {
  const [size, setSize] = useState<Size>(NO_SIZE);
  const element = useRef<HTMLElement>(null);
  const ref = useCallback((next: HTMLElement | null) => {
    const observing = sharedObserver();
    if (element.current) {
      observing.unobserve(element.current);
      watched.delete(element.current);
    }
    element.current = next;
    if (!next) return;
    watched.set(next, (measured) =>
      setSize((was) => (was.width === measured.width && was.height === measured.height ? was : measured)),
    );
    observing.observe(next);
  }, []);
  return [ref, size];
}
