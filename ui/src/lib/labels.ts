// labelsIn are the labels that somebody wrote, with spaces or commas between.
export const labelsIn = (text: string): string[] => [...new Set(text.toLowerCase().split(/[\s,]+/).filter(Boolean))]
