/** Hands the browser a file to save. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has taken what it needs by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}

export function downloadText(name: string, type: 'text/csv' | 'application/json', text: string): void {
  download(name, new Blob([text], { type: `${type};charset=utf-8` }));
}
